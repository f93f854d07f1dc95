// Giving memory back: assigning {} to a string or a vector, or an empty string, keeps its capacity.
#pragma once

namespace cachectl {

template <typename Container>
void free_memory(Container& container) {
    Container().swap(container);
}

}  // namespace cachectl
