# Reads a .zten file into NumPy arrays: written from Schemas/zten.md alone, on zstandard and safetensors.
import json, struct

import ml_dtypes
import numpy as np
import safetensors
import zstandard

DTYPES = {"F64": "f8", "F32": "f4", "F16": "f2", "BF16": ml_dtypes.bfloat16, "I64": "i8", "I32": "i4", "I16": "i2",
          "U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "I8": "i1", "BOOL": "?",
          "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2}


def frames(data):
    count, descriptor, magic = struct.unpack("<IBI", data[-9:])
    assert magic == 0x8F92EAB1 and descriptor & 0xFC == 0x80, "no seek table"
    table = len(data) - 17 - 12 * count
    assert table > 0 and struct.unpack_from("<II", data, table) == (0x184D2A5E, 12 * count + 9), "bad seek table"
    offset = 0
    for size, decoded, checksum in struct.iter_unpack("<III", data[table + 8:-9]):
        frame = data[offset:offset + size]
        assert struct.unpack("<I", frame[-4:])[0] == checksum, "bad checksum"
        yield zstandard.ZstdDecompressor().decompress(frame, max_output_size=decoded)
        offset += size
    assert offset == table, "frames do not fill the file"


def read_zten(path):
    stream = b"".join(frames(open(path, "rb").read()))
    size = struct.unpack_from("<Q", stream)[0]
    metadata = json.loads(stream[8:8 + size])["__metadata__"]
    assert metadata.pop("zten.version") == "1"
    planes = json.loads(metadata.pop("zten.planes", "{}"))
    arrays = {}
    for name, entry in safetensors.deserialize(stream):
        array = np.frombuffer(entry["data"], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        if true := planes.get(name):
            array = np.ascontiguousarray(array.T).view(DTYPES[true["dtype"]]).reshape(true["shape"])
        arrays[name] = array
    return arrays, metadata
