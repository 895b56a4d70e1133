// Files by system calls that Swift does not see.
#ifndef ASSAY_FILES_H
#define ASSAY_FILES_H

#include <stdint.h>

/// Gives an open file `size` bytes and the room for them on its device; what it holds stays. Gives 0 or an error number,
/// `EOPNOTSUPP` where the file system cannot.
int assay_reserve(int file, int64_t size);

/// Has the system begin to write bytes of an open file to the device, and does not wait for it.
void assay_begin_writeback(int file, int64_t offset, int64_t count);

#endif
