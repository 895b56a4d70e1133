// The stream that `index` prints. Numbers are little-endian; `text` is a u32 count of bytes and the bytes.
//
//     stream     = "AHI2"  u64 size of the file or part   object…   end | failure
//     object     = 'G' attributes  u32 count  member…      group
//                | 'D' attributes  type  space  layout     dataset
//                | 'T' attributes                          committed datatype
//     member     = text name  u8 kind:  0 object: u32 number
//                                       1 soft link that leads nowhere: text target
//                                       2 link to another file, or of a kind unknown: text target
//     attributes = u32 count, each:  text name  type  space  u8 kind:  0 text bytes of the elements, as stored
//                                                                     1 u32 count, text each (variable-length strings)
//                                                                     2 not read
//     type       = u8 class  u32 bytes:  0 integer: u8 big-endian  u8 signed  u8 plain (uses all its bits)
//                                        1 float: u8 big-endian  u8 plain  u8 sign, exponent, exponent bits, mantissa,
//                                                 mantissa bits (places from the lowest bit)  u32 bias
//                                        2 string: u8 variable  u8 padding (0 NUL-terminated, 1 NULs, 2 spaces)  u8 UTF-8
//                                        3 enumeration: type  u32 count, each: text name, text bytes
//                                        4 opaque: text tag
//                                        5 other: text what
//     space      = u8 kind (0 null, 1 scalar, 2 simple: u8 rank, u64 extent…)
//     layout     = u8 kind:  0 refused: text why
//                            1 compact: text bytes
//                            2 contiguous: u64 offset in the file or part, all ones where none is allocated
//                                          u64 allocated bytes   fill
//                            3 chunked: fill  u64 chunk extent…  u8 whether partial chunks skip the filters
//                                       u8 count of filters, each: u32 number, u8 count, u32 parameter…
//                                       u32 count of chunks in row-major order, each: u64 offset or all ones, u64 bytes,
//                                       u32 mask of the filters that were skipped
//     fill       = text bytes of one element, none for zero
//     end        = 'E' u32 count of objects
//     failure    = 'X' text why the whole file is refused
//
// Objects are numbered in the order in which they are printed; the root group is 0. An object that is reached by
// several links, even by one from below, is printed once.

import CHDF5

enum IndexFormat {
    static let magic: [UInt8] = Array("AHI2".utf8)
    /// The most bytes that the stream may have.
    static let maximumSize = 64 << 20
    static let maximumObjects = 1 << 20
    static let maximumChunks = 1 << 20
    /// The address that stands for "not there".
    static let nowhere = hdf5_undefined_address()
}
