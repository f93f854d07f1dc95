// What a sample says of a sum over all keys, such as the bytes of a namespace.
#pragma once

#include <cstdint>

#include "walk/sample.hpp"

namespace cachectl {

/// The first four powers of a value, summed up over keys; keys that do not count have 0 and need
/// not be added.
struct Moments {
    double sum = 0;
    double squares = 0;
    double cubes = 0;
    double fourths = 0;

    void add(double value) {
        sum += value;
        squares += value * value;
        cubes += value * value * value;
        fourths += value * value * value * value;
    }
    void add(const Moments& other) {
        sum += other.sum;
        squares += other.squares;
        cubes += other.cubes;
        fourths += other.fourths;
    }
};

/// The sum over all keys by that over a sample of them: 95 %
/// limits by Hall's transformation (P. Hall, "On the removal of skewness by transformation", 1992),
/// which holds for sizes that are far from evenly distributed, because it goes by their skewness as
/// well; and by Student's distribution, because the variance of such sizes is itself not well
/// known: of n of a kurtosis k it has about 2 n / (k - 1) degrees of freedom. The lower limit is
/// never below what has been seen.
///
/// A value that the sample has not met at all cannot be in it: a key of half of the memory among a
/// million is met by 10,000 one time in a hundred.
Estimate estimate_sum(const Moments& moments, const SampleOutcome& sample);

}  // namespace cachectl
