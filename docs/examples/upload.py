#!/usr/bin/env python3
"""Uploads a file over tus in steps that survive broken connections, and waits for it: upload.py FILE [ID]

Wants nothing but Python's standard library. SLUICE_URL is where the API is; SLUICE_KEY is your key, where one is asked for.
ID is what you call the file: with it an upload goes on also when the program was started anew.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ.get("SLUICE_URL", "http://127.0.0.1:3000")
KEY = os.environ.get("SLUICE_KEY")
STEP = 8 * 1024 * 1024


def call(method, url, body=None, **headers):
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    if KEY:
        named["Authorization"] = f"Bearer {KEY}"
    request = urllib.request.Request(url, data=body, method=method, headers=named)
    return urllib.request.urlopen(request, timeout=60)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def upload(path, external_id=None):
    size = os.path.getsize(path)
    said = f"filename {encoded(os.path.basename(path))}"
    if external_id:
        said += f",externalId {encoded(external_id)}"
    try:
        made = call("POST", f"{URL}/v1/tus", Tus_Resumable="1.0.0", Upload_Length=size, Upload_Metadata=said)
    except urllib.error.HTTPError as error:
        # All of it was sent before: the asset that this id stands for is named.
        if error.code == 409 and error.headers["Asset-Id"]:
            return error.headers["Asset-Id"]
        raise
    address = URL + made.headers["Location"]
    offset, failures = int(made.headers["Upload-Offset"] or 0), 0
    with open(path, "rb") as file:
        while offset < size:
            try:
                if failures:
                    offset = int(call("HEAD", address, Tus_Resumable="1.0.0").headers["Upload-Offset"])
                file.seek(offset)
                if offset < size:
                    offset = send(address, offset, file.read(STEP))
                failures = 0
                print(f"{offset} of {size} bytes", file=sys.stderr)
            except OSError as error:
                # What the API refuses for good is not tried again.
                if isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code not in (409, 423, 429):
                    raise
                failures += 1
                if failures > 8:
                    raise
                time.sleep(failures)
    return made.headers["Asset-Id"]


def send(address, offset, piece):
    kind = "application/offset+octet-stream"
    answer = call("PATCH", address, piece, Tus_Resumable="1.0.0", Upload_Offset=offset, Content_Type=kind)
    return int(answer.headers["Upload-Offset"])


def wait(asset_id):
    while True:
        asset = json.load(call("GET", f"{URL}/v1/assets/{asset_id}"))
        if asset["status"] in ("ready", "failed", "cancelled"):
            return asset
        time.sleep(0.5)


if __name__ == "__main__":
    asset = wait(upload(*sys.argv[1:3]))
    print(json.dumps({"id": asset["id"], "status": asset["status"], "images": asset["images"]}))
