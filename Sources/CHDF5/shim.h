// libhdf5, and functions for those of its macros that Swift cannot see.
// Debian's header is found without pkg-config, which would link the shared library before the static one.
#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#else
#include <hdf5.h>
#endif

static inline hid_t hdf5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t hdf5_dataset_creation_class(void) { return H5P_DATASET_CREATE; }
static inline hid_t hdf5_c_string_type(void) { return H5T_C_S1; }
static inline size_t hdf5_variable_size(void) { return H5T_VARIABLE; }
static inline unsigned hdf5_truncate_flag(void) { return H5F_ACC_TRUNC; }
static inline haddr_t hdf5_undefined_address(void) { return HADDR_UNDEF; }

// The little-endian number type of a size, or -1.
static inline hid_t hdf5_integer_type(size_t size, hbool_t is_signed) {
    switch (size) {
    case 1: return is_signed ? H5T_STD_I8LE : H5T_STD_U8LE;
    case 2: return is_signed ? H5T_STD_I16LE : H5T_STD_U16LE;
    case 4: return is_signed ? H5T_STD_I32LE : H5T_STD_U32LE;
    case 8: return is_signed ? H5T_STD_I64LE : H5T_STD_U64LE;
    default: return -1;
    }
}

// The little-endian IEEE type of a size, or -1.
static inline hid_t hdf5_float_type(size_t size) {
    return size == 4 ? H5T_IEEE_F32LE : size == 8 ? H5T_IEEE_F64LE : -1;
}
