#include "keyspace/sum.hpp"

#include <cmath>

namespace cachectl {

Count Sum::count(std::uint64_t keys) const {
    if (!m_sample) {
        return {static_cast<std::int64_t>(keys), {}};
    }
    const Estimate all = estimate_count(keys, *m_sample);
    return {std::llround(all.value),
            {{static_cast<std::int64_t>(std::floor(all.low)),
              static_cast<std::int64_t>(std::ceil(all.high))}}};
}

}  // namespace cachectl
