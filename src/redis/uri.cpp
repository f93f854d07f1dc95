#include "redis/uri.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "redis/url_text.hpp"
#include "util/error.hpp"

namespace cachectl {

namespace {

constexpr std::string_view k_forms =
    "redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], rediss://…, unix://PATH[?db=N] or "
    "redis+sentinel://HOST[:PORT],…/NAME[/DB]";
constexpr std::uint16_t k_sentinel_port = 26379;

/// An interface's name or number.
bool is_scope_id(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '/' && c != '%';
    });
}

/// Parses one URL. Every error quotes the redacted URL and no other part of it.
class UrlParser {
public:
    explicit UrlParser(std::string_view url) : m_url(url) {}

    ServerAddress parse();

private:
    [[noreturn]] void fail(std::string_view why, std::string hint = {}) const {
        throw Error(ExitCode::usage, fmt::format("invalid URL '{}': {}", redact_url(m_url), why),
                    std::move(hint));
    }
    [[noreturn]] void fail_for_raw_at() const {
        fail("there is an '@' behind the host",
             "in a user name or password write / as %2F, @ as %40, ? as %3F and # as %23");
    }
    [[nodiscard]] std::string decode(std::string_view text) const;
    void parse_scheme();
    void parse_user_info(std::string_view info);
    void parse_network(std::string_view rest);
    void parse_sentinel_nodes(std::string_view authority);
    void parse_path(std::string_view path);
    void parse_endpoint(std::string_view text, HostPort& into) const;
    void parse_host_and_port(std::string_view text, HostPort& into) const;
    void parse_bracketed_host(std::string_view text, HostPort& into) const;
    void parse_socket(std::string_view rest);
    void parse_query(std::string_view query, bool db_is_set);

    std::string_view m_url;
    std::string_view m_rest;  // behind "://"
    bool m_is_socket = false;
    bool m_names_sentinels = false;
    ServerAddress m_address;
};

std::string UrlParser::decode(std::string_view text) const {
    auto bytes = percent_decode(text);
    if (!bytes) {
        fail("a '%' is not followed by two hexadecimal digits");
    }
    return std::move(*bytes);
}

ServerAddress UrlParser::parse() {
    parse_scheme();
    if (m_is_socket) {
        parse_socket(m_rest);
    } else {
        parse_network(m_rest);
    }
    return m_address;
}

void UrlParser::parse_scheme() {
    const std::size_t end = m_url.find("://");
    if (end == std::string_view::npos && is_host_and_port(m_url)) {
        m_rest = m_url;
        return;
    }
    if (end == std::string_view::npos) {
        fail("it has no scheme", fmt::format("write {}", k_forms));
    }
    std::string scheme(m_url.substr(0, end));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    m_rest = m_url.substr(end + 3);
    constexpr std::string_view k_by_sentinel = "+sentinel";
    m_names_sentinels = scheme.ends_with(k_by_sentinel);
    if (m_names_sentinels) {
        scheme.resize(scheme.size() - k_by_sentinel.size());
    }
    if (scheme == "unix" && !m_names_sentinels) {
        m_is_socket = true;
    } else if (scheme == "rediss" || scheme == "valkeys") {
        m_address.tls = true;
    } else if (scheme != "redis" && scheme != "valkey") {
        fail("its scheme is unknown", fmt::format("write {}", k_forms));
    }
}

void UrlParser::parse_user_info(std::string_view info) {
    const std::size_t colon = info.find(':');
    if (colon == std::string_view::npos) {
        m_address.password = decode(info);
        m_address.is_password_alone = !m_address.password.empty();
    } else {
        m_address.user = decode(info.substr(0, colon));
        m_address.password = decode(info.substr(colon + 1));
    }
}

void UrlParser::parse_network(std::string_view rest) {
    const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, authority_end);
    std::string_view tail = rest.substr(authority_end);
    // A password with a bare '/', '?' or '#' would otherwise be taken for host, port or database.
    if (tail.find('@') != std::string_view::npos) {
        fail_for_raw_at();
    }
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        parse_user_info(authority.substr(0, at));
        authority.remove_prefix(at + 1);
    }
    if (m_names_sentinels) {
        parse_sentinel_nodes(authority);
    } else {
        HostPort server{m_address.host, m_address.port};
        parse_endpoint(authority, server);
        m_address.host = server.host;
        m_address.port = server.port;
    }
    if (tail.find('#') != std::string_view::npos) {
        fail("it has a '#'");
    }

    const std::size_t question = std::min(tail.find('?'), tail.size());
    std::string_view path = tail.substr(0, question);
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    if (m_names_sentinels) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        m_address.host = decode(path.substr(0, slash));
        if (m_address.host.empty()) {
            fail("it names no master", fmt::format("write {}", k_forms));
        }
        m_address.sentinels.master_name = m_address.host;
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    parse_path(path);
    parse_query(tail.substr(question), !path.empty());
}

void UrlParser::parse_path(std::string_view path) {
    if (path.empty()) {
        return;
    }
    const auto db = parse_number(path, std::numeric_limits<int>::max());
    if (!db) {
        fail("its database is not a number, 0 or more");
    }
    m_address.db = static_cast<unsigned>(*db);
}

void UrlParser::parse_sentinel_nodes(std::string_view authority) {
    while (true) {
        const std::size_t comma = authority.find(',');
        HostPort node{"", k_sentinel_port};
        parse_endpoint(authority.substr(0, comma), node);
        if (node.host.empty()) {
            fail("a Sentinel has no host");
        }
        m_address.sentinels.nodes.push_back(std::move(node));
        if (comma == std::string_view::npos) {
            return;
        }
        authority.remove_prefix(comma + 1);
    }
}

void UrlParser::parse_endpoint(std::string_view text, HostPort& into) const {
    if (text.starts_with('[')) {
        parse_bracketed_host(text, into);
    } else {
        parse_host_and_port(text, into);
    }
}

void UrlParser::parse_host_and_port(std::string_view text, HostPort& into) const {
    const std::size_t colon = text.rfind(':');
    std::string_view host = text.substr(0, colon);
    if (text.find(',') != std::string_view::npos) {
        fail("it names several hosts", "several nodes of a cluster: -h HOST:PORT,HOST:PORT");
    }
    if (host.find(':') != std::string_view::npos) {
        fail("its host has a ':'", "an IPv6 address stands in brackets: redis://[::1]:6379");
    }
    if (!host.empty()) {
        into.host = decode(host);
    }
    const bool has_bad_byte = std::any_of(into.host.begin(), into.host.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '/';
    });
    if (has_bad_byte) {
        fail("its host is not a host name");
    }
    if (colon != std::string_view::npos) {
        const auto port = parse_number(text.substr(colon + 1), 65535);
        if (!port || *port == 0) {
            fail("its port is not a number from 1 to 65535");
        }
        into.port = static_cast<std::uint16_t>(*port);
    }
}

void UrlParser::parse_bracketed_host(std::string_view text, HostPort& into) const {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
        fail("its '[' has no ']'");
    }
    std::string host(text.substr(1, close - 1));
    const std::string_view behind = text.substr(close + 1);
    // RFC 6874 wants the '%' of a scope id as %25; people write it as it is.
    if (const std::size_t percent = host.find("%25"); percent != std::string::npos) {
        host.erase(percent + 1, 2);
    }
    const std::size_t scope = host.find('%');
    in6_addr ignored{};
    if (host.find('\0') != std::string::npos ||  // where inet_pton() would stop
        inet_pton(AF_INET6, host.substr(0, scope).c_str(), &ignored) != 1 ||
        (scope != std::string::npos && !is_scope_id(host.substr(scope + 1)))) {
        fail("what stands in brackets is not an IPv6 address");
    }
    if (!behind.empty() && behind.front() != ':') {
        fail("its host is followed by neither : nor /");
    }
    if (!behind.empty()) {
        parse_host_and_port(behind, into);
    }
    into.host = host;
}

void UrlParser::parse_socket(std::string_view rest) {
    const std::size_t at = rest.find('@');
    if (at != std::string_view::npos && at < rest.find('/')) {
        parse_user_info(rest.substr(0, at));
        rest.remove_prefix(at + 1);
        if (rest.find('@') != std::string_view::npos) {
            fail_for_raw_at();
        }
    } else if (at != std::string_view::npos && !rest.starts_with('/')) {
        fail_for_raw_at();
    }
    const std::size_t question = std::min(rest.find('?'), rest.size());
    m_address.socket_path = decode(rest.substr(0, question));
    if (m_address.socket_path.empty()) {
        fail("it names no socket", "write unix:///run/redis/redis.sock");
    }
    if (m_address.socket_path.find('\0') != std::string::npos) {
        fail("its path has a NUL byte");
    }
    parse_query(rest.substr(question), false);
}

void UrlParser::parse_query(std::string_view query, bool db_is_set) {
    if (query.starts_with('?')) {
        query.remove_prefix(1);
    }
    if (query.empty()) {
        return;
    }
    if (!query.starts_with("db=") || query.find('&') != std::string_view::npos) {
        fail("of parameters it may have only db", "write ?db=N");
    }
    const auto db = parse_number(query.substr(3), std::numeric_limits<int>::max());
    if (!db) {
        fail("its database is not a number, 0 or more");
    }
    if (db_is_set && *db != m_address.db) {
        fail("it names two databases");
    }
    m_address.db = static_cast<unsigned>(*db);
}

}  // namespace

ServerAddress parse_server_url(std::string_view url) { return UrlParser(url).parse(); }

}  // namespace cachectl
