// A callback does not outlive its owner: what a timer or a reply calls may have gone by then.
#pragma once

#include <memory>
#include <utility>

namespace cachectl {

/// A member of the owner. Callbacks that are guarded by it do nothing once it has ended.
class Lifetime {
public:
    Lifetime() = default;
    Lifetime(const Lifetime&) = delete;
    Lifetime& operator=(const Lifetime&) = delete;

    template <typename Callback>
    [[nodiscard]] auto guard(Callback callback) const {
        return [alive = std::weak_ptr<void>(m_alive),
                callback = std::move(callback)](auto&&... arguments) mutable {
            if (!alive.expired()) {
                callback(std::forward<decltype(arguments)>(arguments)...);
            }
        };
    }

    /// Ends it for all that it guards until now; a new one begins.
    void renew() { m_alive = std::make_shared<char>(); }

    /// For those who ask by themselves: expired once it has ended.
    operator std::weak_ptr<void>() const { return m_alive; }

private:
    std::shared_ptr<void> m_alive = std::make_shared<char>();
};

}  // namespace cachectl
