#include "keyspace/ttl_histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace cachectl;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST_CASE("without keys there are no extremes and no percentiles") {
    TtlHistogram histogram;
    CHECK(histogram.keys() == 0);
    CHECK_FALSE(histogram.min().has_value());
    CHECK_FALSE(histogram.max().has_value());
    CHECK_FALSE(histogram.percentile(0.5).has_value());
    histogram.add_persistent();
    CHECK(histogram.keys() == 1);
    CHECK(histogram.persistent() == 1);
    CHECK(histogram.expiring() == 0);
    CHECK_FALSE(histogram.min().has_value());
}

TEST_CASE("a bound belongs to its bucket") {
    TtlHistogram histogram;
    for (const milliseconds ttl :
         {milliseconds(0ms), milliseconds(1min), milliseconds(60'001ms), milliseconds(1h),
          milliseconds(30 * 24h), milliseconds(30 * 24h + 1ms)}) {
        histogram.add(ttl);
    }
    std::vector<std::uint64_t> keys;
    std::vector<std::int64_t> bounds;
    for (const TtlBucket& bucket : histogram.buckets()) {
        keys.push_back(bucket.keys);
        if (bucket.le) {
            bounds.push_back(bucket.le->count());
        }
    }
    CHECK(bounds == std::vector<std::int64_t>{60'000, 300'000, 900'000, 3'600'000, 21'600'000,
                                              86'400'000, 604'800'000, 2'592'000'000});
    CHECK(keys == std::vector<std::uint64_t>{2, 1, 0, 1, 0, 0, 0, 1, 1});
    CHECK(histogram.min() == 0ms);
    CHECK(histogram.max() == 30 * 24h + 1ms);
    CHECK(histogram.expiring() == 6);
}

TEST_CASE("percentiles are by nearest rank, and exact for a single value") {
    TtlHistogram histogram;
    histogram.add(1'234'567ms);
    CHECK(histogram.percentile(0.0) == 1'234'567ms);
    CHECK(histogram.percentile(0.5) == 1'234'567ms);
    CHECK(histogram.percentile(1.0) == 1'234'567ms);

    TtlHistogram small;
    for (int i = 1; i <= 100; ++i) {
        small.add(milliseconds(i));
    }
    CHECK(small.percentile(0.5) == 50ms);
    CHECK(small.percentile(0.9) == 90ms);
    CHECK(small.percentile(0.0) == 1ms);
    CHECK(small.percentile(1.0) == 100ms);
}

TEST_CASE("percentiles are at most 1 % off, over all magnitudes") {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> exponent(0, 12);
    TtlHistogram histogram;
    std::vector<std::int64_t> values;
    for (int i = 0; i < 50'000; ++i) {
        values.push_back(static_cast<std::int64_t>(std::pow(10, exponent(random))));
        histogram.add(milliseconds(values.back()));
    }
    std::sort(values.begin(), values.end());
    for (const double share : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * 50'000));
        const auto exact = static_cast<double>(values[rank - 1]);
        const auto ours = static_cast<double>(histogram.percentile(share)->count());
        CAPTURE(share);
        CHECK(std::abs(ours - exact) <= 0.01 * exact);
    }
}

TEST_CASE("the longest and the negative") {
    TtlHistogram histogram;
    histogram.add(milliseconds(std::numeric_limits<std::int64_t>::max()));
    histogram.add(-5ms);
    CHECK(histogram.min() == 0ms);
    CHECK(histogram.max()->count() == std::numeric_limits<std::int64_t>::max());
    CHECK(histogram.percentile(1.0)->count() > std::numeric_limits<std::int64_t>::max() / 100 * 99);
}
