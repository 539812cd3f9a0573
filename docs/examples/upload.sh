#!/usr/bin/env bash
# Uploads a file over tus with curl alone, and goes on where it broke off: upload.sh FILE
# SLUICE_URL is where the API is; SLUICE_KEY is your key, where one is asked for.
set -euo pipefail
FILE=$1
URL=${SLUICE_URL:-http://127.0.0.1:3000}
AUTH=(${SLUICE_KEY:+-H "Authorization: Bearer $SLUICE_KEY"})
TUS=(-fsS -H 'Tus-Resumable: 1.0.0' "${AUTH[@]}")
header() { tr -d '\r' | sed -n "s/^$1: //ip"; }

SIZE=$(wc -c <"$FILE" | tr -d ' ')
NAME=$(basename "$FILE" | tr -d '\n' | base64 | tr -d '\n')
UPLOAD=$URL$(curl "${TUS[@]}" -D - -o /dev/null -X POST "$URL/v1/tus" \
  -H "Upload-Length: $SIZE" -H "Upload-Metadata: filename $NAME" | header Location)

for TRY in 1 2 3 4 5; do
  OFFSET=$(curl "${TUS[@]}" --head "$UPLOAD" | header Upload-Offset)
  [ "$OFFSET" = "$SIZE" ] && break
  tail -c +$((OFFSET + 1)) "$FILE" | curl "${TUS[@]}" -X PATCH "$UPLOAD" -T - -o /dev/null \
    -H "Upload-Offset: $OFFSET" -H 'Content-Type: application/offset+octet-stream' || sleep "$TRY"
done
echo "${UPLOAD##*/}"
