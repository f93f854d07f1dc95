#include "warm/memory/table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cachectl {

namespace {

constexpr double k_pointer_size = 8;
constexpr double k_least_slots = 4;
// hashtable.c: a bucket is a cache line of 7 entries. Where there are more, the last place leads to
// another bucket, so that each further one adds 6.
constexpr double k_bucket_size = 64;
constexpr double k_bucket_entries = 7;

bool is_hashtable(const MemoryModel& model) {
    return model.tables == MemoryModel::Tables::hashtable;
}

double ceiled_to_power_of_two(double n) {
    return static_cast<double>(std::bit_ceil(static_cast<std::size_t>(std::ceil(n))));
}

/// Calls `use(k, p)` with the probability p that k of n entries are in one of so many places.
template <typename Use>
void for_each_share(double n, double places, Use use) {
    const double mean = n / places;
    const double odds = 1 / (places - 1);
    const double log_first = n * std::log1p(-1 / places);
    const double spread = 8 * std::sqrt(mean) + 8;
    double log_p = log_first;
    for (double k = 0; k <= n && k <= mean + spread; ++k) {
        if (k + spread >= mean) {
            use(k, std::exp(log_p));
        }
        log_p += std::log((n - k) / (k + 1) * odds);
    }
}

/// How many buckets hang behind one, on average.
double further_buckets(double entries, double buckets) {
    if (buckets < 2) {
        return 0;
    }
    double sum = 0;
    for_each_share(entries, buckets, [&sum](double n, double p) {
        if (n > k_bucket_entries) {
            sum += p * (std::ceil((n - 1) / (k_bucket_entries - 1)) - 1);
        }
    });
    return sum;
}

/// Places of the table that so many entries are in.
double places(const MemoryModel& model, double entries) {
    if (is_hashtable(model)) {
        return ceiled_to_power_of_two(std::max(entries, 1.0) / k_bucket_entries);
    }
    return ceiled_to_power_of_two(std::max(entries, k_least_slots));
}

double size_with(const MemoryModel& model, double entries, double places) {
    if (!is_hashtable(model)) {
        return static_cast<double>(
            allocated_size(static_cast<std::size_t>(places * k_pointer_size)));
    }
    return places * k_bucket_size * (1 + further_buckets(entries, places));
}

double capacity(const MemoryModel& model, double places) {
    return is_hashtable(model) ? places * k_bucket_entries : places;
}

}  // namespace

double table_size(const MemoryModel& model, double entries) {
    if (entries < 1) {
        return 0;
    }
    return size_with(model, entries, places(model, entries));
}

double tables_size(const MemoryModel& model, double entries, double tables) {
    if (tables < 2) {
        return table_size(model, entries);
    }
    double of_each = 0;
    for_each_share(entries, tables,
                   [&](double n, double p) { of_each += p * table_size(model, n); });
    return tables * of_each;
}

double entries_at_growth(const MemoryModel& model, double entries) {
    const double now = places(model, entries);
    const double first = is_hashtable(model) ? 1 : k_least_slots;
    return now <= first ? 0 : capacity(model, now / 2);
}

// A dict's move takes the next place that has entries, of which there are 1 - 1/e when it is full;
// a hashtable's the next bucket, and none is empty then.
double value_table_size(const MemoryModel& model, std::size_t entries, double moves_per_entry,
                        std::size_t made_for) {
    const auto n = static_cast<double>(entries);
    const auto first = static_cast<double>(made_for);
    if (places(model, n) <= places(model, first)) {
        return size_with(model, n, places(model, first));
    }
    const double full = entries_at_growth(model, n);
    const double size = table_size(model, n);
    if (full == 0) {
        return size;
    }
    const double old_places = places(model, full);
    const double moves = is_hashtable(model) ? old_places : old_places * (1 - std::exp(-1.0));
    if ((n - full) * moves_per_entry >= moves) {
        return size;
    }
    return size + size_with(model, full, old_places);
}

double entries_when_moved(const MemoryModel& model, double full, double moves_per_key) {
    return full + places(model, full) / moves_per_key;
}

}  // namespace cachectl
