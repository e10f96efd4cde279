"""What the client for Azure cannot do here, and the code that it is told."""
import os

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient

URL = os.environ["WRITE_URL"]
container = ContainerClient.from_container_url(URL)


def refused(name, call):
    try:
        call()
    except HttpResponseError as e:
        print(name, e.status_code, getattr(e.error_code, "value", e.error_code))
    else:
        print(name, "was not refused")


def small_parts():
    small = ContainerClient.from_container_url(URL, max_single_put_size=100, max_block_size=100)
    small.upload_blob("parts", b"x" * 1000)


block = container.get_blob_client("00/000")
refused("exists", lambda: container.upload_blob("00/000", b"other"))
refused("overwrite", lambda: container.upload_blob("00/000", b"other", overwrite=True))
refused("delete", block.delete_blob)
refused("parts", small_parts)
refused("append", lambda: container.upload_blob("log", b"x", blob_type="AppendBlob"))
refused("tags", block.get_blob_tags)
refused("copy", lambda: container.get_blob_client("copy").start_copy_from_url("http://127.0.0.1/x"))
refused("content", lambda: container.upload_blob("content", b"x"))
refused("missing", lambda: container.get_blob_client("none").download_blob())
print(sorted(blob.name for blob in container.list_blobs() if not blob.name.startswith(("00/", "."))))
