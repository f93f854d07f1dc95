#include "usage/moments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace cachectl;

namespace {

SampleOutcome sample_of(std::uint64_t drawn, std::uint64_t population) {
    SampleOutcome sample;
    sample.drawn = drawn;
    sample.population = population;
    return sample;
}

/// How many of 1,000 samples have the true sum within their limits.
int inside(const std::function<double(std::mt19937_64&)>& value, std::size_t population,
           std::size_t sample) {
    std::mt19937_64 random(7);
    std::vector<double> values(population);
    std::generate(values.begin(), values.end(), [&] { return value(random); });
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    int count = 0;
    for (int run = 0; run < 1'000; ++run) {
        Moments moments;
        for (std::size_t i = 0; i < sample; ++i) {  // drawn without repetition
            std::uniform_int_distribution<std::size_t> any(i, population - 1);
            std::swap(values[i], values[any(random)]);
            moments.add(values[i]);
        }
        const Estimate estimate = estimate_sum(moments, sample_of(sample, population));
        count += estimate.low <= sum && sum <= estimate.high ? 1 : 0;
        CHECK(estimate.low <= estimate.value);
        CHECK(estimate.value <= estimate.high);
    }
    return count;
}

}  // namespace

TEST_CASE("the true sum is within the limits some 950 times of 1,000") {
    struct Case {
        std::string name;
        std::function<double(std::mt19937_64&)> value;
        int most = 972;
    };
    const Case cases[] = {
        {"even", [](std::mt19937_64& r) { return std::uniform_real_distribution(50.0, 150.0)(r); }},
        {"a tenth of the keys",
         [](std::mt19937_64& r) { return r() % 10 == 0 ? 100.0 + double(r() % 50) : 0.0; }},
        {"one key of two hundred",
         [](std::mt19937_64& r) { return r() % 200 == 0 ? 1'000.0 : 0.0; },
         990},  // ten of them in a sample: the limits are on the safe side
        {"log-normal", [](std::mt19937_64& r) { return std::lognormal_distribution(5.0, 1.2)(r); }},
        {"of very different sizes",
         [](std::mt19937_64& r) { return std::lognormal_distribution(4.0, 1.4)(r); }},
    };
    for (const Case& one : cases) {
        const int count = inside(one.value, 20'000, 2'000);
        CAPTURE(one.name);
        CHECK(count >= 930);
        CHECK(count <= one.most);
    }
}

TEST_CASE("all keys seen: the sum is what it is") {
    Moments moments;
    moments.add(3);
    moments.add(4);
    const Estimate estimate = estimate_sum(moments, sample_of(2, 2));
    CHECK(estimate.low == 7);
    CHECK(estimate.high == 7);
    CHECK(estimate_sum({}, sample_of(0, 100)).value == 0);
}

TEST_CASE("one key: its size stands for all, and its limits say how little that tells") {
    Moments moments;
    moments.add(64);
    const Estimate estimate = estimate_sum(moments, sample_of(1, 5'000));
    CHECK(estimate.value == 64 * 5'000);
    CHECK(estimate.low == 64);
    CHECK(estimate.high > 3 * 64 * 5'000);
}

TEST_CASE("never less than has been seen") {
    Moments moments;
    moments.add(1e9);
    const Estimate estimate = estimate_sum(moments, sample_of(1'000, 1'100));
    CHECK(estimate.low >= 1e9);
    CHECK(estimate.high > estimate.value);
}
