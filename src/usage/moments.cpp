#include "usage/moments.hpp"

#include <algorithm>
#include <cmath>

namespace cachectl {

namespace {

constexpr double k_z = 1.959964;  // of 95 %, two-sided
constexpr double k_least_freedom = 4;

/// Student's quantile by that of the normal distribution (Abramowitz and Stegun 26.7.5).
double students(double z, double freedom) {
    const double z3 = z * z * z;
    return z + (z3 + z) / (4 * freedom) +
           (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

/// The studentised mean at a quantile of the normal distribution; `a` is the skewness of the mean.
double studentised(double quantile, double a) {
    if (std::abs(a) < 1e-9) {
        return quantile;
    }
    return 3 / a * (std::cbrt(1 + a * quantile - a * a / 6) - 1);
}

}  // namespace

Estimate estimate_sum(const Moments& moments, const SampleOutcome& sample) {
    if (sample.drawn == 0 || sample.seen_share() >= 1) {
        return sample.widened({moments.sum, moments.sum, moments.sum}, moments.sum);
    }
    const auto n = static_cast<double>(sample.drawn);
    const auto all = static_cast<double>(sample.population);
    const double mean = moments.sum / n;
    const double variance = std::max(0.0, moments.squares / n - mean * mean);
    const double third =
        moments.cubes / n - 3 * mean * moments.squares / n + 2 * mean * mean * mean;
    const double unseen = 1 - sample.seen_share();
    // One key does not tell how different they are: as far from each other as they are large.
    const bool one = sample.drawn == 1;
    const double error = one ? mean : std::sqrt(variance * unseen / (n - 1));
    double skewness = 0;
    double quantile = one ? students(k_z, k_least_freedom) : k_z;
    if (variance > 0 && unseen > 0) {
        skewness = third / std::pow(variance, 1.5) * (2 * unseen - 1) / std::sqrt(unseen * n);
        const double fourth = moments.fourths / n - 4 * mean * moments.cubes / n +
                              6 * mean * mean * moments.squares / n - 3 * std::pow(mean, 4);
        const double kurtosis = fourth / (variance * variance);
        quantile = students(k_z, std::max(k_least_freedom, 2 * n / std::max(2.0, kurtosis - 1)));
    }
    Estimate estimate;
    estimate.value = mean * all;
    estimate.low = std::max(sample.repeats ? 0 : moments.sum,
                            (mean - error * studentised(quantile, skewness)) * all);
    estimate.high =
        std::max(estimate.value, (mean - error * studentised(-quantile, skewness)) * all);
    estimate.low = std::min(estimate.low, estimate.value);
    return sample.widened(estimate, moments.sum);
}

}  // namespace cachectl
