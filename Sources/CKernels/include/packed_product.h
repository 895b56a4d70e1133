// Matrix products with a matrix that lies in the order in which they read it: panels of columns, one behind the other.
#ifndef ASSAY_PACKED_PRODUCT_H
#define ASSAY_PACKED_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

/// Whether this processor has the instructions that packed products are written for.
bool assay_has_packed_products(void);

/// The columns of a panel. The last panel is filled up with zeros.
ptrdiff_t assay_packed_panel_width(void);

/// Packs panels `first` to `end` of B (`k × n`, or `n × k` where `transpose` says so). Its rows are `ldb` floats apart, and may
/// lie at any address. Panel p begins at `packed + p · width · k`.
void assay_pack(bool transpose, ptrdiff_t n, ptrdiff_t k, const void *b, ptrdiff_t ldb, ptrdiff_t first, ptrdiff_t end,
                float *packed);

/// C = A · B + bias, or without one where it is null, for `m` rows of C and its columns `first` to `end`; `first` is a multiple
/// of the panel width. The sums of an element are the same wherever such parts begin and end.
void assay_packed_product(ptrdiff_t m, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *packed, const float *bias,
                          ptrdiff_t first, ptrdiff_t end, float *c, ptrdiff_t ldc);

#endif
