// Files by system calls that Swift does not see.
#ifndef ASSAY_FILES_H
#define ASSAY_FILES_H

#include <stddef.h>
#include <stdint.h>

/// Copies up to `count` bytes from one open file into another, at these offsets. Gives how many were copied, from the first
/// on: fewer where the system cannot copy between the two.
ptrdiff_t assay_copy_between_files(int source, int64_t from, int target, int64_t to, ptrdiff_t count);

/// Has the system begin to write bytes of an open file to the device, and does not wait for it.
void assay_begin_writeback(int file, int64_t offset, int64_t count);

#endif
