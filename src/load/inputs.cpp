#include "load/inputs.hpp"

#include <utility>

namespace cachectl {

// Regular files are closed again, for there may be more of them than a process can hold open.
std::string Inputs::add(const std::string& file) {
    Source source = Source::open(file);
    Input input{file, source.name(), source.size(), {}};
    if (!input.bytes || file == "-") input.opened.emplace(std::move(source));
    return m_inputs.emplace_back(std::move(input)).name;
}

Source Inputs::next() {
    if (m_next > 0) m_bytes_before += m_inputs[m_next - 1].bytes.value_or(0);
    Input& input = m_inputs.at(m_next++);
    return input.opened ? std::move(*input.opened) : Source::open(input.path);
}

std::optional<double> Inputs::fraction(const Source& current) const {
    std::uint64_t total = 0;
    for (const Input& input : m_inputs) {
        if (!input.bytes) return std::nullopt;
        total += *input.bytes;
    }
    if (total == 0) return std::nullopt;
    return static_cast<double>(m_bytes_before + current.bytes_read()) / static_cast<double>(total);
}

}  // namespace cachectl
