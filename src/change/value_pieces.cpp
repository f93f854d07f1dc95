#include "change/value_pieces.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "redis/error_reply.hpp"
#include "redis/reply_slice.hpp"

namespace cachectl {

namespace {

constexpr std::uint64_t k_most_piece_bytes = std::uint64_t{256} << 10;
constexpr std::uint64_t k_most_elements = 500;
constexpr std::uint64_t k_few_elements = 16;  // of a collection whose size is not known

/// Somebody has written to the key.
struct Changed {};

/// As ZSCAN writes it; nothing for what is no number.
std::optional<double> to_score(const std::string& text) {
    char* end = nullptr;
    const double score = std::strtod(text.c_str(), &end);
    const bool is_number = !text.empty() && end == text.c_str() + text.size();
    return is_number && !std::isnan(score) ? std::optional(score) : std::nullopt;
}

std::string_view length_verb(RdbType type) {
    return type == RdbType::hash ? "HLEN" : type == RdbType::set ? "SCARD" : "ZCARD";
}

std::string_view scan_verb(RdbType type) {
    return type == RdbType::hash ? "HSCAN" : type == RdbType::set ? "SSCAN" : "ZSCAN";
}

}  // namespace

std::optional<RdbType> plain_type_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, RdbType>, 5> k_types = {{
        {"string", RdbType::string},
        {"list", RdbType::list},
        {"set", RdbType::set},
        {"hash", RdbType::hash},
        {"zset", RdbType::zset_2},
    }};
    for (const auto& [name, plain] : k_types) {
        if (name == type) {
            return plain;
        }
    }
    return std::nullopt;
}

ValuePieces::ValuePieces(Client& server, std::string key,
                         std::function<void(std::uint64_t)> before_each)
    : m_calls(server),
      m_key(std::move(key)),
      m_before_each(std::move(before_each)),
      m_piece_bytes(std::min(k_most_piece_bytes, reply_slice(server.server()))) {}

ValuePieces::End ValuePieces::copy_to(RdbWriter& file, RdbType type) {
    try {
        const Reply size = ask({"MEMORY", "USAGE", m_key}, 0);
        if (size.is_nil()) {
            return End::changed;
        }
        // Without the command nobody can tell, but the value can be read all the same.
        const bool is_untold = size.error_prefix() == "ERR" && denied_by(size) == Denied::command;
        if (!is_untold) {
            m_size = m_calls.number(size);
        }
        switch (type) {
            case RdbType::string:
                return copy_text(file);
            case RdbType::list:
                return copy_list(file);
            default:
                return copy_scanned(file, type);
        }
    } catch (const Changed&) {
        return End::changed;
    }
}

Reply ValuePieces::ask(const ValueCalls::Command& command, std::uint64_t bytes) {
    m_before_each(bytes);
    Reply reply = std::move(m_calls.all({command}).front());
    // What one connection has watched, another one knows nothing of; and a cursor of one process
    // means nothing to another.
    const std::uint64_t connection = m_calls.origin().connection;
    if (reply.error_prefix() == "WRONGTYPE" || m_connection.value_or(connection) != connection) {
        throw Changed();
    }
    m_connection = connection;
    return reply;
}

std::uint64_t ValuePieces::ask_length(std::string_view verb) {
    return m_calls.number(ask({std::string(verb), m_key}, 0));
}

std::uint64_t ValuePieces::count_for(std::uint64_t elements) const {
    if (!m_size) {
        return k_few_elements;
    }
    const std::uint64_t bytes_each =
        std::max<std::uint64_t>(1, *m_size / std::max<std::uint64_t>(1, elements));
    return std::clamp<std::uint64_t>(m_piece_bytes / bytes_each, 1, k_most_elements);
}

ValuePieces::End ValuePieces::copy_text(RdbWriter& file) {
    const std::uint64_t length = ask_length("STRLEN");
    file.add_length(length);
    for (std::uint64_t done = 0; done < length;) {
        const std::uint64_t bytes = std::min(m_piece_bytes, length - done);
        const Reply piece =
            ask({"GETRANGE", m_key, std::to_string(done), std::to_string(done + bytes - 1)}, bytes);
        m_calls.check(piece, piece.is_text());
        if (piece.text.size() != bytes) {
            return End::changed;
        }
        file.add_bytes(piece.text);
        done += bytes;
    }
    return End::whole;
}

ValuePieces::End ValuePieces::copy_list(RdbWriter& file) {
    const std::uint64_t length = ask_length("LLEN");
    const std::uint64_t count = count_for(length);
    file.add_length(length);
    for (std::uint64_t done = 0; done < length;) {
        const std::uint64_t some = std::min(count, length - done);
        const Reply piece =
            ask({"LRANGE", m_key, std::to_string(done), std::to_string(done + some - 1)},
                m_size ? *m_size / length * some : m_piece_bytes);
        m_calls.check(piece, piece.is_array());
        if (piece.elements.size() != some) {
            return End::changed;
        }
        for (const Reply& element : piece.elements) {
            file.add_string(element.text);
        }
        done += some;
    }
    return End::whole;
}

// A collection that nobody writes to is scanned with each of its members once; if it is not so,
// their number is another one.
ValuePieces::End ValuePieces::copy_scanned(RdbWriter& file, RdbType type) {
    const std::uint64_t length = ask_length(length_verb(type));
    const std::string count = std::to_string(count_for(length));
    const std::size_t words = type == RdbType::set ? 1 : 2;
    file.add_length(length);
    std::uint64_t found = 0;
    std::string cursor = "0";
    do {
        const Reply page =
            ask({std::string(scan_verb(type)), m_key, cursor, "COUNT", count}, m_piece_bytes);
        const bool as_expected = page.is_array() && page.elements.size() == 2 &&
                                 page.elements[1].is_array() &&
                                 page.elements[1].elements.size() % words == 0;
        m_calls.check(page, as_expected);
        cursor = page.elements[0].text;
        const std::vector<Reply>& texts = page.elements[1].elements;
        found += texts.size() / words;
        if (found > length) {
            return End::changed;
        }
        if (type == RdbType::hash && has_field_ttls(texts)) {
            return End::has_field_ttls;
        }
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (type != RdbType::zset_2 || i % 2 == 0) {
                file.add_string(texts[i].text);
                continue;
            }
            const auto score = to_score(texts[i].text);
            m_calls.check(page, score.has_value());
            file.add_score(*score);
        }
    } while (cursor != "0");
    return found == length ? End::whole : End::changed;
}

/// Servers without HPTTL have no such fields.
bool ValuePieces::has_field_ttls(const std::vector<Reply>& fields_and_values) {
    if (!m_knows_field_ttls || fields_and_values.empty()) {
        return false;
    }
    ValueCalls::Command command = {"HPTTL", m_key, "FIELDS",
                                   std::to_string(fields_and_values.size() / 2)};
    for (std::size_t i = 0; i < fields_and_values.size(); i += 2) {
        command.push_back(fields_and_values[i].text);
    }
    const Reply ttls = ask(command, 0);
    if (!ttls.is_array()) {
        m_knows_field_ttls = false;
        const bool unknown_command = ttls.error_prefix() == "ERR";
        m_calls.check(ttls, unknown_command);
        return false;
    }
    return std::any_of(ttls.elements.begin(), ttls.elements.end(),
                       [](const Reply& ttl) { return ttl.integer >= 0; });
}

}  // namespace cachectl
