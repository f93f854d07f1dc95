#include "warm/inputs.hpp"

#include <utility>

namespace cachectl {

// Regular files are closed again, for there may be more of them than a process can hold open.
std::string Inputs::add(const std::string& file) {
    Source source = Source::open(file);
    Input input{file, source.name(), source.size(), {}};
    if (!input.bytes) {
        m_bytes_in_all.reset();
    }
    if (m_bytes_in_all) {
        *m_bytes_in_all += *input.bytes;
    }
    if (!input.bytes || file == "-") {
        input.opened.emplace(std::move(source));
    }
    return m_inputs.emplace_back(std::move(input)).name;
}

Source Inputs::next() {
    Input& input = m_inputs.at(m_next++);
    return input.opened ? std::move(*input.opened) : Source::open(input.path);
}

std::uint64_t Inputs::bytes_read(const Source& current) const {
    return m_bytes_before + current.bytes_read();
}

std::optional<double> Inputs::fraction(const Source& current) const {
    if (m_bytes_in_all.value_or(0) == 0) {
        return std::nullopt;
    }
    return static_cast<double>(bytes_read(current)) / static_cast<double>(*m_bytes_in_all);
}

}  // namespace cachectl
