#include "redis/name_lookup.hpp"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <csignal>
#include <cstring>
#include <utility>

#include "util/file_descriptor.hpp"

namespace cachectl {

namespace {

// A thread gets what `ulimit -s` says unless it is told otherwise, which may be too little.
constexpr std::size_t k_stack_bytes = std::size_t{1} << 20;

NameLookup::Result look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* head = nullptr;
    const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &head);
    if (status != 0) {
        return {{}, status == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(status)};
    }
    NameLookup::Result result;
    for (const addrinfo* at = head; at != nullptr; at = at->ai_next) {
        SocketAddress& address = result.addresses.emplace_back();
        std::memcpy(&address.bytes, at->ai_addr, at->ai_addrlen);
        address.size = at->ai_addrlen;
    }
    ::freeaddrinfo(head);
    return result;
}

}  // namespace

struct NameLookup::Request {
    std::string host;
    std::uint16_t port;
    FileDescriptor done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable: there is a result
    Result result;
};

NameLookup::NameLookup(Loop& loop, std::string host, std::uint16_t port, SteadyTime deadline,
                       std::function<void(Result)> done)
    : m_loop(loop), m_deadline(deadline), m_done(std::move(done)) {
    m_request = std::make_shared<Request>();
    m_request->host = std::move(host);
    m_request->port = port;
    m_loop.add(*this);
    auto* const owned = new std::shared_ptr<Request>(m_request);
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ::pthread_attr_setstacksize(&attributes, k_stack_bytes);
    // Signals are for the thread that waits in the loop.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    const int status = ::pthread_create(&thread, &attributes, run, owned);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    if (status == 0) {
        return;
    }
    delete owned;
    m_request->result.failure = std::strerror(status);
    ::eventfd_write(m_request->done.get(), 1);
}

NameLookup::~NameLookup() { m_loop.remove(*this); }

void* NameLookup::run(void* request) {
    const std::unique_ptr<std::shared_ptr<Request>> owned(
        static_cast<std::shared_ptr<Request>*>(request));
    Request& mine = **owned;
    mine.result = look_up(mine.host, mine.port, 0);
    ::eventfd_write(mine.done.get(), 1);
    return nullptr;
}

int NameLookup::poll_fd() const { return m_done ? m_request->done.get() : -1; }

short NameLookup::poll_events() const { return POLLIN; }

std::optional<SteadyTime> NameLookup::deadline() const {
    return m_done ? std::optional(m_deadline) : std::nullopt;
}

void NameLookup::on_ready(short /*events*/) {
    eventfd_t count = 0;
    // The read also orders what the thread has written before what we read of it.
    if (::eventfd_read(m_request->done.get(), &count) == 0) {
        end(std::move(m_request->result));
    }
}

void NameLookup::on_deadline() { end({{}, "no answer from the resolver in time"}); }

void NameLookup::end(Result result) { std::exchange(m_done, nullptr)(std::move(result)); }

std::vector<SocketAddress> numeric_addresses(const std::string& host, std::uint16_t port) {
    return look_up(host, port, AI_NUMERICHOST).addresses;
}

}  // namespace cachectl
