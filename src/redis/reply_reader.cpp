#include "redis/reply_reader.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "util/secrets.hpp"

namespace cachectl {

namespace {

// hiredis calls these for each element it has read. A task without a parent is the reply itself;
// others are appended to their parent, which is complete up to them, so growing it moves nothing
// that hiredis still points to.
Reply* place(const redisReadTask* task) {
    auto& reading = *static_cast<ReplyReader::Reading*>(task->privdata);
    if (++reading.elements > ReplyReader::k_max_elements) {
        reading.fault = "broken reply: too many elements";
        return nullptr;
    }
    if (task->parent == nullptr) {
        return new (std::nothrow) Reply;
    }
    auto* parent = static_cast<Reply*>(task->parent->obj);
    return &parent->elements.emplace_back();
}

// hiredis passes over the two bytes behind a string whatever they are; they are there, because it
// calls this only for a whole element. If they are no line end, we have lost step with the peer.
void* create_string(const redisReadTask* task, char* bytes, std::size_t size) {
    if (bytes[size] != '\r' || bytes[size + 1] != '\n') {
        static_cast<ReplyReader::Reading*>(task->privdata)->fault =
            "broken reply: a string without its end";
        return nullptr;
    }
    Reply* reply = place(task);
    if (reply == nullptr) {
        return nullptr;
    }
    reply->type = task->type == REDIS_REPLY_ERROR    ? Reply::Type::error
                  : task->type == REDIS_REPLY_STATUS ? Reply::Type::status
                                                     : Reply::Type::string;
    reply->text.assign(bytes, size);
    // A server that does not know AUTH repeats its arguments.
    if (reply->type == Reply::Type::error) {
        reply->text = mask_secrets(reply->text);
    }
    return reply;
}

// The element count is an int before hiredis 1.0 and a size_t since.
template <typename Count>
void* create_array(const redisReadTask* task, Count count) {
    const auto elements = static_cast<std::size_t>(count);
    if (elements > ReplyReader::k_max_elements) {
        static_cast<ReplyReader::Reading*>(task->privdata)->fault =
            "broken reply: too many elements";
        return nullptr;
    }
    Reply* reply = place(task);
    if (reply == nullptr) {
        return nullptr;
    }
    reply->type = Reply::Type::array;
    // Announced is not delivered: memory beyond this grows only with what really comes.
    reply->elements.reserve(std::min<std::size_t>(elements, 1024));
    return reply;
}

void* create_integer(const redisReadTask* task, long long value) {
    Reply* reply = place(task);
    if (reply == nullptr) {
        return nullptr;
    }
    reply->type = Reply::Type::integer;
    reply->integer = value;
    return reply;
}

void* create_nil(const redisReadTask* task) { return place(task); }

// A message ends at its first NUL, and MySQL's greeting has one as its second byte.
std::string without_nuls(std::string_view bytes) {
    std::string text(bytes);
    std::replace(text.begin(), text.end(), '\0', '.');
    return text;
}

void free_reply(void* reply) { delete static_cast<Reply*>(reply); }

template <typename>
struct CountOf;
template <typename Count>
struct CountOf<void* (*)(const redisReadTask*, Count)> {
    using Type = Count;
};
using ArrayCount = CountOf<decltype(redisReplyObjectFunctions::createArray)>::Type;

/// An exception would leave hiredis within an element, which it would read a second time.
template <auto create, typename... Args>
void* without_exceptions(Args... args) {
    try {
        return create(args...);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}

redisReplyObjectFunctions* reply_functions() {
    static redisReplyObjectFunctions functions = [] {
        redisReplyObjectFunctions f = {};
        f.createString =
            without_exceptions<create_string, const redisReadTask*, char*, std::size_t>;
        f.createArray =
            without_exceptions<create_array<ArrayCount>, const redisReadTask*, ArrayCount>;
        f.createInteger = without_exceptions<create_integer, const redisReadTask*, long long>;
        f.createNil = without_exceptions<create_nil, const redisReadTask*>;
        f.freeObject = free_reply;
        return f;
    }();
    return &functions;
}

}  // namespace

ReplyReader::ReplyReader() : m_reader(nullptr, redisReaderFree) { renew(); }

void ReplyReader::renew() {
    redisReader* const reader = redisReaderCreateWithFunctions(reply_functions());
    if (reader == nullptr) {
        run_out_of_memory();
    }
    reader->privdata = &m_reading;
    reader->maxbuf = 0;  // what makes hiredis give up a large buffer, by which it may end with none
    m_reader.reset(reader);
    m_most_buffered = 0;
}

void ReplyReader::feed(std::string_view bytes) {
    constexpr std::size_t k_head_bytes = 64;
    if (!m_any_reply && m_head.size() < k_head_bytes) {
        m_head.append(bytes.substr(0, k_head_bytes - m_head.size()));
    }
    if (m_is_in_cut) {
        bytes = behind_cut(bytes);
    }
    if (!m_error.empty()) {
        return;
    }
    const bool is_between_replies = m_reader->ridx < 0 && m_reader->len == 0;
    if (is_between_replies && m_most_buffered > k_kept_buffer_bytes) {
        renew();
    }
    if (redisReaderFeed(m_reader.get(), bytes.data(), bytes.size()) != REDIS_OK) {
        run_out_of_memory();
    }
    m_most_buffered = std::max(m_most_buffered, m_reader->len);
}

void ReplyReader::run_out_of_memory() {
    m_error = "out of memory while a reply was read";
    throw std::bad_alloc();
}

/// `line` has no end yet, and its type byte may be taken already. Nothing else has come.
void ReplyReader::begin_cut(std::string_view line) {
    line.remove_prefix(line.starts_with('+') ? 1 : 0);
    m_cut.emplace();
    m_cut->type = Reply::Type::status;
    m_cut->text = line.substr(0, k_max_line_bytes);
    m_is_in_cut = true;
    renew();
}

/// What follows the end of the line that is being cut; nothing while it has not come.
std::string_view ReplyReader::behind_cut(std::string_view bytes) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
        return {};
    }
    m_is_in_cut = false;
    return bytes.substr(end + 1);
}

std::optional<Reply> ReplyReader::next() {
    if (!m_error.empty()) {
        return std::nullopt;
    }
    if (m_is_in_cut) {
        return std::nullopt;
    }
    if (m_cut) {
        return std::exchange(m_cut, std::nullopt);
    }
    void* raw = nullptr;
    if (redisReaderGetReply(m_reader.get(), &raw) != REDIS_OK) {
        if (m_reader->err == REDIS_ERR_OOM && m_reading.fault == nullptr) {
            run_out_of_memory();
        }
        if (m_any_reply && m_reading.fault != nullptr) {
            m_error = m_reading.fault;
        } else if (m_any_reply) {
            m_error = std::string("broken reply: ") + m_reader->errstr;
        } else if (m_head.starts_with('\x15') || m_head.starts_with('\x16')) {
            m_error = "the server speaks TLS: --tls, or rediss:// in the URL";
        } else {
            const auto line = std::string_view(m_head).substr(0, m_head.find_first_of("\r\n"));
            m_error =
                "not a Redis server (got '" + without_nuls(mask_secrets(line.substr(0, 40))) + "')";
        }
        return std::nullopt;
    }
    if (raw == nullptr) {
        check_incomplete();
        return std::nullopt;
    }
    const std::unique_ptr<Reply> reply(static_cast<Reply*>(raw));
    m_any_reply = true;
    m_reading = {};
    return std::move(*reply);
}

// hiredis waits for ever for the end of a line, and for any announced size.
void ReplyReader::check_incomplete() {
    const char* begin = m_reader->buf + m_reader->pos;
    const std::size_t size = m_reader->len - m_reader->pos;
    const std::string_view head(begin, std::min(size, k_max_line_bytes));
    const std::size_t end = head.find("\r\n");
    if (end == std::string_view::npos) {
        if (size > k_max_line_bytes && m_cuts && m_reading.elements == 0) {
            begin_cut({begin, size});
        } else if (size > k_max_line_bytes) {
            m_error = "broken reply: a line of more than 64 KiB";
        }
        return;
    }
    // An incomplete element that has its first line is a bulk string, whose type byte was taken.
    std::size_t announced = 0;
    const auto parsed = std::from_chars(begin, begin + end, announced);
    if (parsed.ec == std::errc() && announced > k_max_bulk_bytes) {
        m_error = "broken reply: a string of " + std::to_string(announced) + " bytes";
    }
}

}  // namespace cachectl
