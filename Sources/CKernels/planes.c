// Byte planes with SSE2, which every x86-64 processor has, the commonest ones with AVX2; plain loops elsewhere and for the
// last elements.

#include "planes.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Byte `plane` of the 4-byte lanes of `v`, as the low byte of each lane.
static inline __m128i byte_of_lanes32(__m128i v, int plane) {
    return _mm_and_si128(_mm_srl_epi32(v, _mm_cvtsi32_si128(8 * plane)), _mm_set1_epi32(0xFF));
}

static inline __m128i byte_of_lanes64(__m128i v, int plane) {
    return _mm_and_si128(_mm_srl_epi64(v, _mm_cvtsi32_si128(8 * plane)), _mm_set1_epi64x(0xFF));
}

static ptrdiff_t extract_plane_2(const __m128i *source, int plane, uint8_t *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    __m128i shift = _mm_cvtsi32_si128(8 * plane), mask = _mm_set1_epi16(0xFF);
    for (; i + 16 <= count; i += 16, source += 2) {
        __m128i a = _mm_and_si128(_mm_srl_epi16(_mm_loadu_si128(source), shift), mask);
        __m128i b = _mm_and_si128(_mm_srl_epi16(_mm_loadu_si128(source + 1), shift), mask);
        _mm_storeu_si128((__m128i *)(target + i), _mm_packus_epi16(a, b));
    }
    return i;
}

static ptrdiff_t extract_plane_4(const __m128i *source, int plane, uint8_t *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16, source += 4) {
        __m128i a = byte_of_lanes32(_mm_loadu_si128(source), plane);
        __m128i b = byte_of_lanes32(_mm_loadu_si128(source + 1), plane);
        __m128i c = byte_of_lanes32(_mm_loadu_si128(source + 2), plane);
        __m128i d = byte_of_lanes32(_mm_loadu_si128(source + 3), plane);
        __m128i low = _mm_packs_epi32(a, b), high = _mm_packs_epi32(c, d);
        _mm_storeu_si128((__m128i *)(target + i), _mm_packus_epi16(low, high));
    }
    return i;
}

__attribute__((target("avx2"))) static ptrdiff_t extract_plane_4_avx2(
    const __m256i *source, int plane, uint8_t *target, ptrdiff_t count) {
    const __m128i shift = _mm_cvtsi32_si128(8 * plane);
    const __m256i mask = _mm256_set1_epi32(0xFF);
    // Packing works in halves of a register, which leaves groups of four in this order.
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    ptrdiff_t i = 0;
    for (; i + 32 <= count; i += 32, source += 4) {
        __m256i a = _mm256_and_si256(_mm256_srl_epi32(_mm256_loadu_si256(source), shift), mask);
        __m256i b = _mm256_and_si256(_mm256_srl_epi32(_mm256_loadu_si256(source + 1), shift), mask);
        __m256i c = _mm256_and_si256(_mm256_srl_epi32(_mm256_loadu_si256(source + 2), shift), mask);
        __m256i d = _mm256_and_si256(_mm256_srl_epi32(_mm256_loadu_si256(source + 3), shift), mask);
        __m256i packed = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
        _mm256_storeu_si256((__m256i *)(target + i), _mm256_permutevar8x32_epi32(packed, order));
    }
    return i;
}

static ptrdiff_t extract_plane_8(const __m128i *source, int plane, uint8_t *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8, source += 4) {
        // Values below 256 in 64-bit lanes: packing 32-bit lanes leaves zeros between, which the next packing closes.
        __m128i a = byte_of_lanes64(_mm_loadu_si128(source), plane);
        __m128i b = byte_of_lanes64(_mm_loadu_si128(source + 1), plane);
        __m128i c = byte_of_lanes64(_mm_loadu_si128(source + 2), plane);
        __m128i d = byte_of_lanes64(_mm_loadu_si128(source + 3), plane);
        __m128i pair = _mm_packs_epi32(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
        _mm_storel_epi64((__m128i *)(target + i), _mm_packus_epi16(pair, pair));
    }
    return i;
}

static ptrdiff_t join_planes_2(const uint8_t *planes, __m128i *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16, target += 2) {
        __m128i p0 = _mm_loadu_si128((const __m128i *)(planes + i));
        __m128i p1 = _mm_loadu_si128((const __m128i *)(planes + count + i));
        _mm_storeu_si128(target, _mm_unpacklo_epi8(p0, p1));
        _mm_storeu_si128(target + 1, _mm_unpackhi_epi8(p0, p1));
    }
    return i;
}

static ptrdiff_t join_planes_4(const uint8_t *planes, __m128i *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16, target += 4) {
        __m128i p0 = _mm_loadu_si128((const __m128i *)(planes + i));
        __m128i p1 = _mm_loadu_si128((const __m128i *)(planes + count + i));
        __m128i p2 = _mm_loadu_si128((const __m128i *)(planes + 2 * count + i));
        __m128i p3 = _mm_loadu_si128((const __m128i *)(planes + 3 * count + i));
        __m128i low01 = _mm_unpacklo_epi8(p0, p1), high01 = _mm_unpackhi_epi8(p0, p1);
        __m128i low23 = _mm_unpacklo_epi8(p2, p3), high23 = _mm_unpackhi_epi8(p2, p3);
        _mm_storeu_si128(target, _mm_unpacklo_epi16(low01, low23));
        _mm_storeu_si128(target + 1, _mm_unpackhi_epi16(low01, low23));
        _mm_storeu_si128(target + 2, _mm_unpacklo_epi16(high01, high23));
        _mm_storeu_si128(target + 3, _mm_unpackhi_epi16(high01, high23));
    }
    return i;
}

static ptrdiff_t join_planes_8(const uint8_t *planes, __m128i *target, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8, target += 4) {
        __m128i pair[4];
        for (int p = 0; p < 4; p++) {
            __m128i even = _mm_loadl_epi64((const __m128i *)(planes + 2 * p * count + i));
            __m128i odd = _mm_loadl_epi64((const __m128i *)(planes + (2 * p + 1) * count + i));
            pair[p] = _mm_unpacklo_epi8(even, odd);
        }
        __m128i low03 = _mm_unpacklo_epi16(pair[0], pair[1]), high03 = _mm_unpackhi_epi16(pair[0], pair[1]);
        __m128i low47 = _mm_unpacklo_epi16(pair[2], pair[3]), high47 = _mm_unpackhi_epi16(pair[2], pair[3]);
        _mm_storeu_si128(target, _mm_unpacklo_epi32(low03, low47));
        _mm_storeu_si128(target + 1, _mm_unpackhi_epi32(low03, low47));
        _mm_storeu_si128(target + 2, _mm_unpacklo_epi32(high03, high47));
        _mm_storeu_si128(target + 3, _mm_unpackhi_epi32(high03, high47));
    }
    return i;
}
#endif

void assay_extract_plane(const void *source, ptrdiff_t size, ptrdiff_t plane, uint8_t *target, ptrdiff_t count) {
    const uint8_t *bytes = source;
    ptrdiff_t i = 0;
#if defined(__x86_64__)
    if (size == 2) i = extract_plane_2(source, (int)plane, target, count);
    if (size == 4) {
        i = __builtin_cpu_supports("avx2") ? extract_plane_4_avx2(source, (int)plane, target, count)
                                           : extract_plane_4(source, (int)plane, target, count);
    }
    if (size == 8) i = extract_plane_8(source, (int)plane, target, count);
#endif
    for (; i < count; i++) target[i] = bytes[i * size + plane];
}

void assay_join_planes(const uint8_t *planes, ptrdiff_t size, void *target, ptrdiff_t count) {
    uint8_t *bytes = target;
    ptrdiff_t i = 0;
#if defined(__x86_64__)
    if (size == 2) i = join_planes_2(planes, target, count);
    if (size == 4) i = join_planes_4(planes, target, count);
    if (size == 8) i = join_planes_8(planes, target, count);
#endif
    for (; i < count; i++) {
        for (ptrdiff_t plane = 0; plane < size; plane++) bytes[i * size + plane] = planes[plane * count + i];
    }
}
