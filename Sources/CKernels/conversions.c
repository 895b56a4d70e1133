// Widening and narrowing of half-precision elements: F16C where the processor has it, integer arithmetic elsewhere.

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

// Rounds a magnitude's bits, of which the lowest `shift` are cut off, to nearest even.
static uint32_t shift_to_nearest(uint32_t bits, unsigned shift) {
    return (bits + (((uint32_t)1 << (shift - 1)) - 1) + (bits >> shift & 1)) >> shift;
}

static uint16_t float_to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return sign | 0x7E00 | (uint16_t)(magnitude >> 13 & 0x3FF);
    // From 65520 on, the nearest number would lie beyond the largest: infinity.
    if (magnitude >= 0x477FF000) return sign | 0x7C00;
    // Normal numbers: rebias the exponent by 112; a carry from rounding walks into it by itself.
    if (magnitude >= 0x38800000) return sign | (uint16_t)shift_to_nearest(magnitude - 0x38000000, 13);
    // Below half of the smallest subnormal everything is zero.
    if (magnitude < 0x33000000) return sign;
    uint32_t exponent = magnitude >> 23;
    uint32_t significand = (magnitude & 0x7FFFFF) | 0x800000;
    return sign | (uint16_t)shift_to_nearest(significand, 126 - exponent);
}

static void float_to_half_scalar(const float *source, uint8_t *target, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        uint16_t bits = float_to_half(source[i]);
        memcpy(target + 2 * i, &bits, 2);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx,f16c"))) static void float_to_half_f16c(
    const float *source, uint8_t *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m128i half = _mm256_cvtps_ph(_mm256_loadu_ps(source + i), _MM_FROUND_TO_NEAREST_INT);
        _mm_storeu_si128((__m128i *)(target + 2 * i), half);
    }
    float_to_half_scalar(source + i, target + 2 * i, count - i);
}
#endif

void assay_float_to_half(const float *source, void *target, ptrdiff_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("f16c")) {
        float_to_half_f16c(source, target, count);
        return;
    }
#endif
    float_to_half_scalar(source, target, count);
}

// Without branches, so that the compiler makes vector code of it.
void assay_float_to_bfloat16(const float *source, void *target, ptrdiff_t count) {
    uint8_t *bytes = target;
    for (ptrdiff_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, source + i, 4);
        uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
        uint32_t quiet = bits >> 16 | 0x40;
        uint16_t half = (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : rounded);
        memcpy(bytes + 2 * i, &half, 2);
    }
}

void assay_double_to_odd_float(const double *source, float *target, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float value = (float)source[i];
        double back = value;
        uint32_t bits;
        memcpy(&bits, &value, 4);
        // An even neighbour that is not exact: the odd one lies on the other side of the double.
        if (back != source[i] && source[i] == source[i] && (bits & 1) == 0) {
            double magnitude = __builtin_fabs(source[i]);
            bits += __builtin_fabs(back) > magnitude ? (uint32_t)-1 : 1;
        }
        memcpy(target + i, &bits, 4);
    }
}
