// Widening of half-precision elements: F16C where the processor has it, integer arithmetic elsewhere.

#include "conversions.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static float half_to_float(uint16_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
    uint32_t exponent = bits >> 10 & 0x1F;
    uint32_t mantissa = bits & 0x3FF;
    uint32_t result;
    if (exponent == 0x1F) {
        result = sign | 0x7F800000 | mantissa << 13 | (mantissa ? 0x00400000 : 0);
    } else if (exponent != 0) {
        result = sign | (exponent + 112) << 23 | mantissa << 13;
    } else {
        // A subnormal is its mantissa in units of 2^-24, which a float holds exactly.
        float value = (float)mantissa * 0x1p-24f;
        memcpy(&result, &value, sizeof result);
        result |= sign;
    }
    float value;
    memcpy(&value, &result, sizeof value);
    return value;
}

static void half_to_float_scalar(const uint8_t *source, float *target, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, source + 2 * i, 2);
        target[i] = half_to_float(bits);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) static void half_to_float_f16c(
    const uint8_t *source, float *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_ps(target + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + 2 * i))));
    }
    half_to_float_scalar(source + 2 * i, target + i, count - i);
}
#endif

void assay_half_to_float(const void *source, float *target, ptrdiff_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("f16c")) {
        half_to_float_f16c(source, target, count);
        return;
    }
#endif
    half_to_float_scalar(source, target, count);
}

void assay_bfloat16_to_float(const void *source, float *target, ptrdiff_t count) {
    const uint8_t *bytes = source;
    for (ptrdiff_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, 2);
        uint32_t bits = (uint32_t)half << 16;
        memcpy(target + i, &bits, 4);
    }
}
