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

/// As ZRANGE writes it; nothing for what is no number.
std::optional<double> to_score(const std::string& text) {
    char* end = nullptr;
    const double score = std::strtod(text.c_str(), &end);
    const bool is_number = !text.empty() && end == text.c_str() + text.size();
    return is_number && !std::isnan(score) ? std::optional(score) : std::nullopt;
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
            case RdbType::hash:
                return copy_hash(file);
            case RdbType::set:
                return copy_set(file);
            default:
                return copy_range(file, type);
        }
    } catch (const Changed&) {
        return End::changed;
    }
}

std::vector<Reply> ValuePieces::ask_all(const std::vector<ValueCalls::Command>& commands,
                                        std::uint64_t bytes) {
    m_before_each(bytes);
    std::vector<Reply> replies = m_calls.all(commands);
    // What one connection has watched, another one knows nothing of; and a cursor of one process
    // means nothing to another.
    const std::uint64_t connection = m_calls.origin().connection;
    const bool is_other_type = std::any_of(replies.begin(), replies.end(), [](const Reply& reply) {
        return reply.error_prefix() == "WRONGTYPE";
    });
    if (is_other_type || m_connection.value_or(connection) != connection) {
        throw Changed();
    }
    m_connection = connection;
    return replies;
}

Reply ValuePieces::ask(const ValueCalls::Command& command, std::uint64_t bytes) {
    return std::move(ask_all({command}, bytes).front());
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

/// A list or a sorted set: their elements have places, and so come as many at once as are asked
/// for.
ValuePieces::End ValuePieces::copy_range(RdbWriter& file, RdbType type) {
    const bool is_scored = type == RdbType::zset_2;
    const std::size_t words = is_scored ? 2 : 1;
    const std::uint64_t length = ask_length(is_scored ? "ZCARD" : "LLEN");
    const std::uint64_t count = count_for(length);
    file.add_length(length);
    for (std::uint64_t done = 0; done < length;) {
        const std::uint64_t some = std::min(count, length - done);
        ValueCalls::Command command = {is_scored ? "ZRANGE" : "LRANGE", m_key, std::to_string(done),
                                       std::to_string(done + some - 1)};
        if (is_scored) {
            command.emplace_back("WITHSCORES");
        }
        const Reply piece = ask(command, m_size ? *m_size / length * some : m_piece_bytes);
        m_calls.check(piece, piece.is_array());
        if (piece.elements.size() != some * words) {
            return End::changed;
        }
        for (std::size_t i = 0; i < piece.elements.size(); ++i) {
            const std::string& text = piece.elements[i].text;
            if (i % words == 0) {
                file.add_string(text);
                continue;
            }
            const auto score = to_score(text);
            m_calls.check(piece, score.has_value());
            file.add_score(*score);
        }
        done += some;
    }
    return End::whole;
}

ValuePieces::End ValuePieces::copy_set(RdbWriter& file) {
    const std::uint64_t length = ask_length("SCARD");
    file.add_length(length);
    return scan({"SSCAN", 1, {}}, length, [&](const std::vector<Reply>& members) {
        for (const Reply& member : members) {
            file.add_string(member.text);
        }
        return End::whole;
    });
}

/// By the names of the fields, so that no more values come at once than their lengths allow. The
/// names of a hash of many fields are told alone by some servers only; from the others the values
/// come with them, in pages that go by the mean.
ValuePieces::End ValuePieces::copy_hash(RdbWriter& file) {
    const std::uint64_t length = ask_length("HLEN");
    file.add_length(length);
    const auto take_names = [&](const std::vector<Reply>& names) {
        return copy_fields(file, names);
    };
    if (lists_hash_names(m_calls.server())) {
        return scan({"HSCAN", 1, "NOVALUES"}, length, take_names);
    }
    if (length <= k_most_elements) {
        const Reply names = ask({"HKEYS", m_key}, m_piece_bytes);
        m_calls.check(names, names.is_array());
        return names.elements.size() == length ? take_names(names.elements) : End::changed;
    }
    return scan({"HSCAN", 2, {}}, length, [&](const std::vector<Reply>& fields_and_values) {
        if (has_field_ttls(fields_and_values, 2)) {
            return End::has_field_ttls;
        }
        for (const Reply& text : fields_and_values) {
            file.add_string(text.text);
        }
        return End::whole;
    });
}

// A collection that nobody writes to is scanned with each of its members once; if it is not so,
// their number is another one.
ValuePieces::End ValuePieces::scan(const Scan& how, std::uint64_t length,
                                   const std::function<End(const std::vector<Reply>&)>& take_page) {
    ValueCalls::Command command = {how.verb, m_key, "0", "COUNT",
                                   std::to_string(count_for(length))};
    if (!how.option.empty()) {
        command.push_back(how.option);
    }
    std::string& cursor = command[2];
    std::uint64_t found = 0;
    do {
        const Reply page = ask(command, m_piece_bytes);
        const bool as_expected = page.is_array() && page.elements.size() == 2 &&
                                 page.elements[1].is_array() &&
                                 page.elements[1].elements.size() % how.words == 0;
        m_calls.check(page, as_expected);
        cursor = page.elements[0].text;
        const std::vector<Reply>& texts = page.elements[1].elements;
        found += texts.size() / how.words;
        if (found > length) {
            return End::changed;
        }
        if (const End end = take_page(texts); end != End::whole) {
            return end;
        }
    } while (cursor != "0");
    return found == length ? End::whole : End::changed;
}

ValuePieces::End ValuePieces::copy_fields(RdbWriter& file, const std::vector<Reply>& names) {
    if (has_field_ttls(names, 1)) {
        return End::has_field_ttls;
    }
    std::vector<ValueCalls::Command> questions;
    for (const Reply& name : names) {
        questions.push_back({"HSTRLEN", m_key, name.text});
    }
    std::vector<std::uint64_t> lengths;
    for (const Reply& length : ask_all(questions, 0)) {
        lengths.push_back(m_calls.number(length));
    }
    for (std::size_t begin = 0; begin < names.size();) {
        ValueCalls::Command command = {"HMGET", m_key};
        std::uint64_t bytes = 0;
        std::size_t end = begin;
        do {
            command.push_back(names[end].text);
            bytes += lengths[end++];
        } while (end < names.size() && bytes + lengths[end] <= m_piece_bytes);
        const Reply values = ask(command, bytes);
        m_calls.check(values, values.is_array() && values.elements.size() == end - begin);
        for (const Reply& value : values.elements) {
            if (!value.is_text()) {
                return End::changed;
            }
            file.add_string(names[begin++].text);
            file.add_string(value.text);
        }
    }
    return End::whole;
}

/// Servers without HPTTL have no such fields.
bool ValuePieces::has_field_ttls(const std::vector<Reply>& texts, std::size_t words) {
    if (!m_knows_field_ttls || texts.empty()) {
        return false;
    }
    ValueCalls::Command command = {"HPTTL", m_key, "FIELDS", std::to_string(texts.size() / words)};
    for (std::size_t i = 0; i < texts.size(); i += words) {
        command.push_back(texts[i].text);
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
