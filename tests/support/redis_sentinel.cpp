#include "support/redis_sentinel.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <thread>

#include "support/failure_log.hpp"
#include "support/tcp_port.hpp"

namespace cachectl::test {

namespace {

constexpr std::chrono::seconds k_patience{60};

bool wait_for(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + k_patience;
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

std::string field(const RespValue& server, const std::string& name) {
    for (std::size_t i = 0; i + 1 < server.elements.size(); i += 2) {
        if (server.elements[i].text == name) {
            return server.elements[i + 1].text;
        }
    }
    return {};
}

}  // namespace

void wait_until_linked(const RedisServer& replica, const std::string& password) {
    RespClient redis = replica.client();
    if (!password.empty()) {
        redis.run({"AUTH", password});
    }
    const bool linked = wait_for([&] {
        return redis.text({"INFO", "replication"}).find("master_link_status:up") !=
               std::string::npos;
    });
    if (!linked) {
        throw std::runtime_error("the replica does not find its master");
    }
}

RedisSentinel::RedisSentinel(const std::string& name, std::uint16_t master_port,
                             std::size_t replicas, const std::vector<std::string>& config)
    : m_name(name), m_port(free_tcp_port()) {
    const std::string dir = m_dir.path().string();
    std::string text = "port " + std::to_string(m_port) + "\nbind 127.0.0.1\ndir " + dir +
                       "\nlogfile " + dir + "/sentinel.log\nsentinel monitor " + name +
                       " 127.0.0.1 " + std::to_string(master_port) +
                       " 1\nsentinel down-after-milliseconds " + name + " 600000\n";
    for (const std::string& line : config) {
        text += line + '\n';
        constexpr std::string_view k_password = "requirepass ";
        if (line.starts_with(k_password)) {
            m_password = line.substr(k_password.size());
        }
    }
    const std::string path = m_dir.file("sentinel.conf", text);
    m_process = std::make_unique<Process>(
        std::vector<std::string>{redis_server_binary(), path, "--sentinel"});
    wait_until_ready(replicas);
}

RedisSentinel::~RedisSentinel() { keep_for_failure("sentinel log", log()); }

std::string RedisSentinel::log() const { return read_file(m_dir.path() / "sentinel.log"); }

RespClient RedisSentinel::client() const {
    RespClient client = RespClient::tcp(m_port);
    if (!m_password.empty()) {
        client.run({"AUTH", m_password});
    }
    return client;
}

void RedisSentinel::wait_until_ready(std::size_t replicas) {
    bool hurries = false;
    const bool ready = wait_for([&] {
        try {
            // It would look at its servers every 10 s only.
            if (!hurries) {
                client().command({"SENTINEL", "DEBUG", "INFO-PERIOD", "500"});
            }
            hurries = true;
            const RespValue known = client().command({"SENTINEL", "REPLICAS", m_name});
            return known.type == RespValue::Type::array && known.elements.size() == replicas &&
                   std::all_of(known.elements.begin(), known.elements.end(),
                               [](const RespValue& replica) {
                                   return field(replica, "master-link-status") == "ok" &&
                                          field(replica, "flags") == "slave";
                               });
        } catch (const std::runtime_error&) {
            return false;  // not yet listening
        }
    });
    if (!ready) {
        throw std::runtime_error("the Sentinel does not see its replicas:\n" + log());
    }
}

std::uint16_t RedisSentinel::failover() {
    RespClient redis = client();
    const auto master = [&] {
        return redis.list({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", m_name}).at(1);
    };
    const std::string before = master();
    redis.run({"SENTINEL", "FAILOVER", m_name});
    if (!wait_for([&] { return master() != before; })) {
        throw std::runtime_error("the failover does not end:\n" + log());
    }
    return static_cast<std::uint16_t>(std::stoi(master()));
}

void RedisSentinel::kill() {
    m_process->send_signal(SIGKILL);
    m_process->wait();
}

FakeServer::Script sentinel_that_says(const std::string& name, std::uint16_t master_port,
                                      int epoch) {
    using namespace resp;
    const std::string port = bulk(std::to_string(master_port));
    const std::string address = array({bulk("127.0.0.1"), port});
    const std::string masters =
        array({array({bulk("name"), bulk(name), bulk("ip"), bulk("127.0.0.1"), bulk("port"), port,
                      bulk("config-epoch"), bulk(std::to_string(epoch))})});
    return answer([=](const FakeServer::Command& command) -> std::string {
        if (command.size() < 2 || command[0] != "SENTINEL") {
            return error("ERR unknown command");
        }
        if (command[1] == "MASTERS") {
            return masters;
        }
        if (command[1] == "REPLICAS") {
            return array({});
        }
        return command.at(2) == name ? address : "*-1\r\n";
    });
}

}  // namespace cachectl::test
