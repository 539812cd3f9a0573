#!/usr/bin/env python3
"""Uploads a file over tus in steps that survive broken connections, and waits for it: upload.py FILE

Wants nothing but Python's standard library. SLUICE_URL is where the API is; SLUICE_KEY is your key, where one is asked for.
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


def upload(path):
    name = base64.b64encode(os.path.basename(path).encode()).decode()
    size = os.path.getsize(path)
    made = call("POST", f"{URL}/v1/tus", Tus_Resumable="1.0.0", Upload_Length=size, Upload_Metadata=f"filename {name}")
    address = URL + made.headers["Location"]
    offset, failures = 0, 0
    with open(path, "rb") as file:
        while offset < size:
            file.seek(offset)
            try:
                offset = send(address, offset, file.read(STEP))
                failures = 0
            except OSError as error:
                # What the API refuses for good is not tried again.
                if isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code not in (409, 423, 429):
                    raise
                failures += 1
                if failures > 5:
                    raise
                time.sleep(failures)
                answer = call("HEAD", address, Tus_Resumable="1.0.0")
                offset = int(answer.headers["Upload-Offset"])
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
    asset = wait(upload(sys.argv[1]))
    print(json.dumps({"id": asset["id"], "status": asset["status"], "images": asset["images"]}))
