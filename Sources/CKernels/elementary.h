// exp, tanh, erf and the logistic function of one float, without branches, so that loops over them become vectors.
// NAME(x) makes a function's name. Errors against the exact values are below two units in the last place.

static inline float NAME(float_of)(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t NAME(bits_of)(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// 2^n · P(r) with x = n · ln 2 + r and |r| ≤ ln 2 / 2; P is Cephes's polynomial.
static inline float NAME(exp_of)(float x) {
    // Beyond these everything is infinite or zero; a NaN passes both comparisons.
    x = x > 90.0f ? 90.0f : x;
    x = x < -105.0f ? -105.0f : x;
    // Adding 1.5 · 2^23 leaves the nearest integer in the low bits.
    const float magic = 12582912.0f;
    float shifted = x * 1.44269504088896341f + magic;
    float n = shifted - magic;
    int32_t power = (int32_t)(NAME(bits_of)(shifted) - NAME(bits_of)(magic));
    // ln 2 in two parts: the product with the first is exact, the second is kept apart until the last sum.
    float high = x - n * 0.693359375f, low = n * -2.12194440054690583e-4f;
    float r = high - low;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = 1.0f + (high + (p * (r * r) - low));
    // Two factors, since 2^n itself may be subnormal or infinite where the result is not.
    int32_t half = power >> 1;
    return p * NAME(float_of)((uint32_t)(half + 127) << 23) * NAME(float_of)((uint32_t)(power - half + 127) << 23);
}

/// By exp(−|x|), which never overflows.
static inline float NAME(sigmoid_of)(float x) {
    float e = NAME(exp_of)(-fabsf(x));
    float sum = 1.0f + e, lost = e - (sum - 1.0f);
    float quotient = (x >= 0 ? 1.0f : e) / sum;
    // What the sum lost in rounding, to first order, with 1 / sum ≈ 1 − e / 2.
    return quotient - quotient * (lost * (1.0f - 0.5f * e));
}

/// Cephes's polynomial near zero, 1 − 2 / (exp(2|x|) + 1) elsewhere.
static inline float NAME(tanh_of)(float x) {
    float a = fabsf(x), z = x * x;
    float p = -5.70498872745e-3f;
    p = p * z + 2.06390887954e-2f;
    p = p * z - 5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z - 3.33332819422e-1f;
    float small = p * z * a + a;
    float large = 1.0f - 2.0f / (NAME(exp_of)(2.0f * a) + 1.0f);
    return copysignf(a < 0.625f ? small : large, x);
}

/// A polynomial in x² near zero, 1 − exp(Q(|x|)) elsewhere.
static inline float NAME(erf_of)(float x) {
    float z = x * x;
    float a = fabsf(x);
    a = a > 4.0f ? 4.0f : a;
    float p = -5.96761703e-4f;
    p = p * z + 4.99119423e-3f;
    p = p * z - 2.67681349e-2f;
    p = p * z + 1.12819925e-1f;
    p = p * z - 3.76125336e-1f;
    p = p * z + 1.28379166e-1f;
    float small = p * x + x;
    float q = -1.72853470e-5f * a + 3.83197126e-4f;
    float u = -3.88396438e-3f * a + 2.42546219e-2f;
    q = q * (a * a) + u;
    q = q * a - 1.06777877e-1f;
    q = q * a - 6.34846687e-1f;
    q = q * a - 1.28717512e-1f;
    q = q * a - a;
    float large = copysignf(1.0f - NAME(exp_of)(q), x);
    return fabsf(x) < 0.927734375f ? small : large;
}

/// erfc |x| for the normal distribution's tails, with a small relative error where 1 − erf would cancel: the Chebyshev fit
/// of Numerical Recipes (erfcc).
static inline float NAME(erfc_of_magnitude)(float x) {
    float a = fabsf(x), t = 1.0f / (1.0f + 0.5f * a);
    float p = 0.17087277f;
    p = p * t - 0.82215223f;
    p = p * t + 1.48851587f;
    p = p * t - 1.13520398f;
    p = p * t + 0.27886807f;
    p = p * t - 0.18628806f;
    p = p * t + 0.09678418f;
    p = p * t + 0.37409196f;
    p = p * t + 1.00002368f;
    p = p * t - 1.26551223f;
    return t * NAME(exp_of)(p - a * a);
}

/// x · Φ(x), Φ the normal distribution function.
static inline float NAME(gelu_of)(float x) {
    float tail = 0.5f * NAME(erfc_of_magnitude)(x * 0.70710678118654752440f);
    return x * (x < 0 ? tail : 1.0f - tail);
}
