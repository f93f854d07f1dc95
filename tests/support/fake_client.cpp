#include "support/fake_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "commands/commands.hpp"
#include "keyspace/glob.hpp"
#include "util/error.hpp"

namespace cachectl::test {

namespace {

/// Hands each call on to a client that outlives the command, as run_with() lends it.
class Lent : public Client {
public:
    explicit Lent(FakeClient& client) : m_client(client) {}
    using Client::send;
    void send(std::span<const std::string_view> args, Callback done) override {
        m_client.send(args, std::move(done));
    }
    void send(std::span<const std::string_view> args,
              const std::shared_ptr<ReplySink>& sink) override {
        m_client.send(args, sink);
    }
    void when_answered(std::function<void()> action) override {
        m_client.when_answered(std::move(action));
    }
    [[nodiscard]] std::size_t pending() const override { return m_client.pending(); }
    void after(std::chrono::microseconds delay, std::function<void()> action) override {
        m_client.after(delay, std::move(action));
    }
    [[nodiscard]] SteadyTime now() const override { return m_client.now(); }
    [[nodiscard]] SteadyTime::duration held_up() const override { return {}; }
    void run_until(const std::function<bool()>& finished) override { m_client.run_until(finished); }
    bool reconnect() override { return m_client.reconnect(); }
    [[nodiscard]] ReplyOrigin origin() const override { return m_client.origin(); }
    [[nodiscard]] const ServerInfo& server() const override { return m_client.server(); }
    [[nodiscard]] std::optional<std::string> successor() override { return m_client.new_master; }

private:
    FakeClient& m_client;
};

std::string option(const FakeClient::Args& args, const std::string& name) {
    const auto at = std::find(args.begin(), args.end(), name);
    return at == args.end() || at + 1 == args.end() ? "" : *(at + 1);
}

/// PEXPIRE's NX, XX, GT and LT, to which a key without a TTL lives for ever.
bool holds(const std::string& condition, const FakeKey& key, const std::string& ttl) {
    const std::int64_t now = key.ttl_ms.value_or(std::numeric_limits<std::int64_t>::max());
    if (condition == "NX") {
        return !key.ttl_ms;
    }
    if (condition == "XX") {
        return key.ttl_ms.has_value();
    }
    return condition == "GT" ? std::stoll(ttl) > now : std::stoll(ttl) < now;
}

}  // namespace

FakeClient::FakeClient() {
    info.name = "redis";
    info.version = "7.0.15";
    info.mode = "standalone";
    info.role = "master";
    info.run_id = "0123456789abcdef";
}

std::vector<std::string> FakeClient::lines() const {
    std::vector<std::string> lines;
    for (const Args& args : m_commands) {
        std::string line;
        for (const std::string& arg : args) {
            line += (line.empty() ? "" : " ") + arg;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::size_t FakeClient::count(const std::string& prefix) const {
    const auto all = lines();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const std::string& line) { return line.starts_with(prefix); }));
}

void FakeClient::send(std::span<const std::string_view> args, Callback done) {
    m_queue.emplace_back(Args(args.begin(), args.end()), std::move(done));
    ++m_sent;
}

void FakeClient::send(std::span<const std::string_view> args,
                      const std::shared_ptr<ReplySink>& sink) {
    send(args, [sink](Reply reply) { sink->take(std::move(reply)); });
}

void FakeClient::when_answered(std::function<void()> action) {
    if (pending() == 0) {
        action();
    } else {
        m_when_answered.emplace_back(m_sent, std::move(action));
    }
}

void FakeClient::after(std::chrono::microseconds delay, std::function<void()> action) {
    m_timers.emplace(m_now + delay, std::move(action));
}

void FakeClient::run_until(const std::function<bool()>& finished) {
    while (!finished()) {
        if (answer_next()) {
            continue;
        }
        if (!m_timers.empty()) {
            const auto timer = m_timers.extract(m_timers.begin());
            m_now = std::max(m_now, timer.key());
            timer.mapped()();
        } else {
            return;
        }
    }
}

bool FakeClient::answer_next() {
    if (m_queue.empty()) {
        return false;
    }
    auto [args, done] = std::move(m_queue.front());
    m_queue.pop_front();
    if (args.front() != "PING") {
        m_commands.push_back(args);
    }
    Reply reply = answer(args);
    ++m_answered;
    done(std::move(reply));
    while (!m_when_answered.empty() && m_when_answered.front().first <= m_answered) {
        const auto action = std::move(m_when_answered.front().second);
        m_when_answered.pop_front();
        action();
    }
    return true;
}

bool FakeClient::reconnect() {
    ++reconnect_calls;
    if (!reconnects) {
        throw Error(ExitCode::unreachable, "cannot connect to fake:6379");
    }
    return same_server_after_reconnect;
}

Reply FakeClient::answer(const Args& args) {
    std::string name = args.at(0);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const auto handler = m_handlers.find(name);
    if (handler != m_handlers.end()) {
        return handler->second(args);
    }
    return answer_from_keyspace(name, args);
}

/// MSETEX numkeys key value … [NX] [PX milliseconds]
Reply FakeClient::set_many(const Args& args) {
    const std::size_t end = 2 + 2 * std::stoul(args.at(1));
    const bool only_new =
        std::find(args.begin() + static_cast<std::ptrdiff_t>(end), args.end(), "NX") != args.end();
    for (std::size_t i = 2; only_new && i < end; i += 2) {
        if (keys.contains(args[i])) {
            return Reply::make_integer(0);
        }
    }
    for (std::size_t i = 2; i < end; i += 2) {
        Args set = {"SET", args[i], args[i + 1]};
        set.insert(set.end(), args.begin() + static_cast<std::ptrdiff_t>(end), args.end());
        std::erase(set, "NX");
        answer_from_keyspace("SET", set);
    }
    return Reply::make_integer(1);
}

Reply FakeClient::answer_from_keyspace(const std::string& name, const Args& args) {
    if (name == "PING") {
        return Reply::make_status("PONG");
    }
    if (name == "SCAN") {
        return scan(args);
    }
    if (name == "DBSIZE") {
        return Reply::make_integer(static_cast<std::int64_t>(keys.size()));
    }
    if (name == "MULTI") {
        return Reply::make_status("OK");
    }
    if (name == "EXEC") {
        return Reply::make_error("ERR EXEC without MULTI");
    }
    if (name == "FLUSHDB" || name == "FLUSHALL") {
        keys.clear();
        return Reply::make_status("OK");
    }
    if (name == "UNLINK" || name == "DEL") {
        std::int64_t removed = 0;
        for (std::size_t i = 1; i < args.size(); ++i) {
            removed += static_cast<std::int64_t>(keys.erase(args[i]));
        }
        return Reply::make_integer(removed);
    }
    if (name == "MSETEX") {
        return set_many(args);
    }
    if (name == "SET") {
        const bool exists = keys.contains(args.at(1));
        const bool only_new = std::find(args.begin() + 3, args.end(), "NX") != args.end();
        if (only_new && exists) {
            return {};
        }
        FakeKey& key = keys[args[1]];
        key.type = "string";
        key.value = args.at(2);
        const std::string ttl = option(args, "PX");
        key.ttl_ms = ttl.empty() ? std::nullopt : std::optional<std::int64_t>(std::stoll(ttl));
        return Reply::make_status("OK");
    }
    const std::string& name_of_key = args.at(name == "MEMORY" || name == "OBJECT" ? 2 : 1);
    const auto found = keys.find(name_of_key);
    const bool exists = found != keys.end();
    if (name == "EXISTS") {
        return Reply::make_integer(exists ? 1 : 0);
    }
    if (name == "TYPE") {
        return Reply::make_status(exists ? found->second.type : "none");
    }
    if (name == "PTTL") {
        return Reply::make_integer(exists ? found->second.ttl_ms.value_or(-1) : -2);
    }
    if (name == "MEMORY" && !exists) {
        return {};
    }
    if (name == "MEMORY") {
        return Reply::make_integer(found->second.size_bytes);
    }
    if (name == "OBJECT" && !exists) {
        return {};
    }
    if (name == "OBJECT" && args.at(1) == "REFCOUNT") {
        return Reply::make_integer(found->second.is_shared ? INT32_MAX : 1);
    }
    if (name == "OBJECT") {
        return Reply::make_integer(found->second.idle_s);
    }
    if (name == "GET") {
        return exists ? Reply::make_string(found->second.value) : Reply{};
    }
    if (name == "GETRANGE") {
        if (!exists) {
            return Reply::make_string("");
        }
        const std::size_t begin = std::min(found->second.value.size(), std::stoul(args.at(2)));
        return Reply::make_string(
            found->second.value.substr(begin, std::stoul(args.at(3)) - begin + 1));
    }
    if (name == "PEXPIRE" || name == "PERSIST") {
        if (!exists) {
            return Reply::make_integer(0);
        }
        if (name == "PERSIST" && !found->second.ttl_ms) {
            return Reply::make_integer(0);
        }
        if (name == "PEXPIRE" && args.size() > 3 && !holds(args[3], found->second, args[2])) {
            return Reply::make_integer(0);
        }
        found->second.ttl_ms =
            name == "PERSIST" ? std::nullopt : std::optional<std::int64_t>(std::stoll(args[2]));
        return Reply::make_integer(1);
    }
    return Reply::make_error("ERR unknown command '" + args[0] + "'");
}

// The cursor is the number of keys that came before, counted in the order of the map.
Reply FakeClient::scan(const Args& args) {
    const std::string match = option(args, "MATCH");
    const std::string type = option(args, "TYPE");
    const auto from = static_cast<std::size_t>(std::stoull(args.at(1)));
    std::vector<Reply> page;
    std::size_t at = 0;
    for (const auto& [name, key] : keys) {
        if (at >= from && at < from + scan_page && (match.empty() || glob_match(match, name)) &&
            (type.empty() || key.type == type)) {
            page.push_back(Reply::make_string(name));
        }
        ++at;
    }
    const std::size_t next = from + scan_page < keys.size() ? from + scan_page : 0;
    return Reply::make_array(
        {Reply::make_string(std::to_string(next)), Reply::make_array(std::move(page))});
}

RunResult run_with(FakeClient& client, std::vector<std::string> args, RunOptions options) {
    RunResult result;
    if (client.tells_info && client.info.info.empty()) {
        client.info.info =
            InfoFields("used_memory:1048576\r\nmaxmemory:0\r\ndb0:keys=20000,expires=0\r\n");
    }
    Writer out(result.out);
    Writer err(result.err);
    Context ctx(out, err);
    if (options.terminal) {
        const Terminal terminal{.attached = true, .columns = 80, .no_color = true};
        ctx.in_terminal = ctx.out_terminal = ctx.err_terminal = terminal;
        ctx.ask = [&](std::string_view question) -> std::optional<std::string> {
            result.questions.emplace_back(question);
            options.on_question();
            if (result.questions.size() > options.answers.size()) {
                return std::nullopt;
            }
            return options.answers[result.questions.size() - 1];
        };
    }
    ctx.wall_now = [&] { return options.wall_now; };
    if (options.now) {
        ctx.now = options.now;
    }
    ctx.open_client = [&] {
        result.connected = true;
        return std::make_unique<Lent>(client);
    };
    const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
        const auto found = options.environment.find(name);
        if (found == options.environment.end()) {
            return std::nullopt;
        }
        return found->second;
    };
    result.code = static_cast<int>(run_app(std::move(args), command_table(), ctx, environment));
    return result;
}

}  // namespace cachectl::test
