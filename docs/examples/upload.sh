#!/usr/bin/env bash
# Uploads a file over tus with curl alone, and goes on where it broke off: upload.sh FILE [ID]
# SLUICE_URL is where the API is; SLUICE_KEY is your key, where one is asked for.
# ID is what you call the file: with it the script goes on also when it was itself stopped.
set -euo pipefail
FILE=$1
URL=${SLUICE_URL:-http://127.0.0.1:3000}
AUTH=(${SLUICE_KEY:+-H "Authorization: Bearer $SLUICE_KEY"})
TUS=(-fsS -H 'Tus-Resumable: 1.0.0' "${AUTH[@]}")
header() { tr -d '\r' | sed -n "s/^$1: //ip"; }
encode() { printf %s "$1" | base64 | tr -d '\n'; }

SIZE=$(wc -c <"$FILE" | tr -d ' ')
SAID="filename $(encode "$(basename "$FILE")")${2:+,externalId $(encode "$2")}"
UPLOAD=$URL$(curl "${TUS[@]}" -D - -o /dev/null -X POST "$URL/v1/tus" \
  -H "Upload-Length: $SIZE" -H "Upload-Metadata: $SAID" | header Location)

for TRY in 1 2 3 4 5 6 7 8; do
  if OFFSET=$(curl "${TUS[@]}" --head "$UPLOAD" | header Upload-Offset); then
    [ "$OFFSET" = "$SIZE" ] && echo "${UPLOAD##*/}" && exit
    echo "$OFFSET of $SIZE bytes" >&2
    tail -c +$((OFFSET + 1)) "$FILE" | curl "${TUS[@]}" -X PATCH "$UPLOAD" -T - -o /dev/null \
      -H "Upload-Offset: $OFFSET" -H 'Content-Type: application/offset+octet-stream' && continue
  fi
  sleep "$TRY"
done
echo "upload.sh: it does not get on; start it again later" >&2
exit 1
