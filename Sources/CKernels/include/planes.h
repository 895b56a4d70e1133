// Byte planes: the bytes of one significance of many elements, stored together.
#ifndef ASSAY_PLANES_H
#define ASSAY_PLANES_H

#include <stddef.h>
#include <stdint.h>

/// Copies byte `plane` (0 is the least significant) of each of `count` elements of `size` bytes to `target`.
void assay_extract_plane(const void *source, ptrdiff_t size, ptrdiff_t plane, uint8_t *target, ptrdiff_t count);

/// Puts `count` elements of `size` bytes together from their planes, each `count` bytes, one after the other.
void assay_join_planes(const uint8_t *planes, ptrdiff_t size, void *target, ptrdiff_t count);

#endif
