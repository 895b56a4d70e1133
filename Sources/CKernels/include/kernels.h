// Kernels in C with run-time dispatch to the processor's vector instructions.
// Callers have checked every pointer and count.
#ifndef ASSAY_KERNELS_H
#define ASSAY_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "blas.h"
#include "conversions.h"
#include "half_units.h"
#include "packed_product.h"
#include "pause.h"
#include "planes.h"
#include "rows.h"
#include "small_product.h"
#include "sums.h"

#endif
