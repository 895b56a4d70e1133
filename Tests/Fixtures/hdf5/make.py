# Makes the HDF5 files of this folder with h5py: python make.py, in the folder. Values are what the tests expect by formula:
# element i of a dataset is i - 2 for signed types, i for unsigned ones and chunks, i / 4 - 1 for floats.
import h5py
import numpy as np


def types():
    with h5py.File("types.h5", "w", userblock_size=512) as file:
        for name in "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8".split():
            i = np.arange(6).reshape(2, 3)
            values = {"f": i / 4 - 1, "i": i - 2, "u": i}[name[0]]
            file[f"little/{name}"] = values.astype("<" + name)
            file[f"big/{name}"] = values.astype(">" + name)
        file["bool"] = np.array([True, False, True])
        bits = np.array([-1, 0.5, 3], "f4").view("u4") >> 16
        file["bfloat16"] = bits.astype("<u2").view("V2")
        file["float8"] = np.array([0x38, 0xB8, 0x40], "u1").view("V1")  # 1, -1, 2 in E4M3
        file["float8"].attrs["dtype"] = "float8_e4m3fn"
        file["opaque"] = np.zeros(2, "V4")
        file["scalar"] = np.float32(2.5)
        file["no_rows"] = np.zeros((0, 3), "f4")
        file["null"] = h5py.Empty("f4")
        file["fixed_strings"] = np.array([b"ab", b"", b"cde"])
        file["strings"] = np.array(["a", "bc"], dtype=h5py.string_dtype())
        file["compound"] = np.zeros(2, [("re", "f4"), ("im", "f4")])
        file["colour"] = np.array([1, 0], dtype=h5py.enum_dtype({"red": 0, "blue": 1}, basetype="i2"))
        dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        dcpl.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((4,))
        compact = h5py.h5d.create(file.id, b"compact", h5py.h5t.IEEE_F32LE, space, dcpl)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4, dtype="f4"))
        file.create_dataset("never_written", (2, 3), "i4", fillvalue=7)
        file["a_type"] = np.dtype("f4")


def attributes():
    with h5py.File("attributes.h5", "w") as file:
        attrs = file.attrs
        attrs["text"] = "größer"
        attrs["bytes"] = np.bytes_("plain")
        attrs["names"] = np.array([b"dense", b"lstm_1"])
        attrs["words"] = np.array(["x", "", "größer"], dtype=h5py.string_dtype())
        attrs["no_names"] = np.array([])
        attrs["latin1"] = np.array([b"gr\xf6\xdfer"])
        attrs["integer"] = np.int64(-3)
        attrs["integers"] = np.array([1, 2, 3], ">i4")
        attrs["number"] = 0.25
        attrs["flag"] = True
        attrs["matrix"] = np.arange(6.0).reshape(2, 3)
        attrs["nothing"] = h5py.Empty("f4")
        attrs["pairs"] = np.zeros(2, [("re", "f4"), ("im", "f4")])


def chunks(name, **options):
    with h5py.File(name, "w", **options) as file:
        values = np.arange(70).reshape(7, 10)
        file.create_dataset("plain", data=values.astype("f4"), chunks=(3, 4))
        file.create_dataset("deflate", data=values.astype("i2"), chunks=(3, 4), compression="gzip")
        everything = dict(compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("everything", data=values.astype("f8"), chunks=(3, 4), **everything)
        file.create_dataset("big", data=values.astype(">f4"), chunks=(3, 4), **everything)
        file.create_dataset("odd", data=np.arange(5, dtype="u1"), chunks=(3,), fletcher32=True)
        file.create_dataset("cube", data=np.arange(60, dtype="i4").reshape(3, 4, 5), chunks=(2, 3, 2))
        file.create_dataset("growing", data=values.astype("i4"), chunks=(3, 10), maxshape=(None, 10))
        file.create_dataset("whole", data=values.astype("i4"), chunks=(7, 10), compression="gzip")
        file.create_dataset("empty", (7, 10), "i4", chunks=(3, 4), fillvalue=5)
        file.create_dataset("names", data=np.array([b"ab", b"", b"cde"]), chunks=(2,), compression="gzip")
        holes = file.create_dataset("holes", (7, 10), "f4", chunks=(3, 4), fillvalue=0.5)
        holes[3:6, 4:8] = values[3:6, 4:8]
        # The second filter is skipped in one chunk.
        masked = file.create_dataset("masked", (8,), "<i4", chunks=(4,), shuffle=True, compression="gzip")
        masked[4:] = np.arange(4, 8)
        raw = np.arange(4, dtype="<i4").view("u1").reshape(4, 4).T.tobytes()  # shuffled, not deflated
        masked.id.write_direct_chunk((0,), raw, filter_mask=2)
        file.create_dataset("lzf", data=values.astype("f4"), chunks=(3, 4), compression="lzf")
        # The checksum is in the last four bytes.
        broken = file.create_dataset("broken", (4,), "u1", chunks=(4,), fletcher32=True)
        broken.id.write_direct_chunk((0,), bytes([1, 2, 3, 4, 0, 0, 0, 0]))


def links():
    with h5py.File("links.h5", "w") as file:
        file["group/data"] = np.arange(3, dtype="f4")
        file["again"] = file["group/data"]
        file["group/up"] = file["/"]
        file["soft"] = h5py.SoftLink("/group/data")
        file["soft_group"] = h5py.SoftLink("/group")
        file["nowhere"] = h5py.SoftLink("/absent")
        file["loop"] = h5py.SoftLink("/loop")
        file["outside"] = h5py.ExternalLink("types.h5", "/scalar")
        file["soft_outside"] = h5py.SoftLink("/outside")
        ordered = file.create_group("ordered", track_order=True)
        for name in ["zebra", "apple", "mango"]:
            ordered.create_group(name)
            ordered.attrs[name] = 1
        layout = h5py.VirtualLayout((3,), "f4")
        layout[:] = h5py.VirtualSource("types.h5", "scalar", (3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("external", (3,), "f4", external=[("/etc/hostname", 0, 12)])


types()
attributes()
chunks("chunks.h5")
chunks("chunks-latest.h5", libver="latest")
links()
