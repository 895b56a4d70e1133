// Linux's fallocate and sync_file_range.
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>

int assay_reserve(int file, int64_t size) {
  int status;
  do status = fallocate(file, 0, 0, size);
  while (status != 0 && errno == EINTR);
  return status == 0 ? 0 : errno;
}

void assay_begin_writeback(int file, int64_t offset, int64_t count) {
  // A hint: what is not written yet is written when the file is synchronised.
  (void)sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}
