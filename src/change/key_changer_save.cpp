// The part of change/key_changer.hpp that saves keys before it changes them: what is read of them
// is in the backup, and on the disk, before the change is sent. Its value and its expiry are read
// once more in the same transaction: somebody may have changed them in between.
#include <utility>

#include "change/key_changer.hpp"
#include "redis/error_reply.hpp"
#include "util/signals.hpp"

namespace cachectl {

void KeyChanger::save(const FlightPtr& flight) {
    ++m_saving;
    read_saved_keys(m_client, flight->command.keys, m_options.backup->facts(),
                    [this, flight](SavedKeys saved) { take_saved(flight, std::move(saved)); });
}

void KeyChanger::take_saved(const FlightPtr& flight, SavedKeys saved) {
    --m_saving;
    if (saved.refused && waits_out(flight, *saved.refused)) {
        commit_if_due();
        return;
    }
    --m_outstanding;
    KeyCommand& command = flight->command;
    if (saved.refused && saved.refused->is_broken()) {
        m_connection_lost = true;
        m_unsent.push_back(std::move(*flight));
    } else if (saved.refused && saved.refused->error_prefix() == "TRYAGAIN") {
        send_one_by_one(std::move(command));
    } else if (saved.refused) {
        m_tally.failed += command.keys.size();
        stop(refusal(*saved.refused, "save keys before they are changed", m_client.server()));
    } else if (m_stopped || stop_signal() != 0) {
        m_tally.not_attempted += command.keys.size();
    } else {
        add_saved(std::move(command), std::move(saved));
    }
    commit_if_due();
}

void KeyChanger::add_saved(KeyCommand command, SavedKeys saved) {
    m_tally.vanished += saved.vanished.size();
    for (std::string& key : saved.denied) {
        note_refused(std::move(key), saved.denial);
    }
    if (saved.keys.empty()) {
        return;
    }
    std::vector<std::string> names;
    for (const SavedKey& key : saved.keys) {
        names.push_back(key.name);
    }
    KeyCommand kept = command.for_some(std::move(names));
    kept.is_saved = true;
    const bool removes = kept.removes();
    m_saved.push_back(std::move(kept));
    Backup& backup = *m_options.backup;
    write_backup([&] {
        for (const SavedKey& key : saved.keys) {
            // A key that is met again may have an expiry that it got from us.
            if (removes || !backup.has(key.name)) {
                backup.add(key);
            }
        }
    });
}

// What is read together is synced together.
void KeyChanger::commit_if_due() {
    if (m_saved.empty() ||
        (m_saving != 0 && m_options.backup->uncommitted_bytes() < Backup::k_commit_bytes)) {
        return;
    }
    write_backup([this] { m_options.backup->commit(); });
    if (m_stopped) {
        return;
    }
    for (KeyCommand& command : std::exchange(m_saved, {})) {
        go_on(std::move(command));
    }
}

void KeyChanger::write_backup(const std::function<void()>& write) {
    try {
        write();
    } catch (const Error& error) {
        stop(error);
    }
}

// --- changing -----------------------------------------------------------------------------------

void KeyChanger::send_with_values(const KeyCommand& command, const Client::Callback& keep) {
    for (const std::string& key : command.keys) {
        m_client.send(expiry_question(m_options.backup->facts(), key), keep);
        m_client.send({"DUMP", key}, keep);
    }
    m_client.send(command.words(), keep);
}

void KeyChanger::transact(const FlightPtr& flight) {
    const KeyCommand command = flight->command;  // a reply may take the flight's away
    const auto replies = std::make_shared<std::vector<Reply>>();
    const auto keep = [replies](Reply reply) { replies->push_back(std::move(reply)); };
    flight->sent = m_client.now();
    m_client.send({"MULTI"}, keep);
    send_with_values(command, keep);
    m_client.send({"EXEC"}, [this, flight, replies](Reply reply) {
        replies->push_back(std::move(reply));
        take_transaction(flight, std::move(*replies));
    });
}

/// A server that is full (before Redis 7.2) queues nothing, but does the same command by command.
void KeyChanger::change_at_once(const FlightPtr& flight) {
    const KeyCommand command = flight->command;
    const auto replies = std::make_shared<std::vector<Reply>>();
    const std::size_t all = 2 * command.keys.size() + 1;
    flight->sent = m_client.now();
    send_with_values(command, [this, flight, replies, all](Reply reply) {
        replies->push_back(std::move(reply));
        if (replies->size() == all) {
            save_changed(flight->command, *replies);
            take_reply(flight, std::move(replies->back()));
        }
    });
}

/// `answers`: of each key its expiry and what DUMP said when it was changed, and how many were.
void KeyChanger::save_changed(const KeyCommand& command, const std::vector<Reply>& answers) {
    // What was left alone may be changed yet, and what is found by a repeated command may be its
    // own.
    const bool is_known = command.removes() || (answers.back().integer != 0 && !command.repeated);
    if (!answers.back().is_integer() || !is_known) {
        return;
    }
    Backup& backup = *m_options.backup;
    write_backup([&] {
        for (std::size_t i = 0; i < command.keys.size(); ++i) {
            const Reply& value = answers[2 * i + 1];
            SavedKey key{.name = command.keys[i], .dumped = {}};
            if (value.type == Reply::Type::string) {
                take_expiry(backup.facts(), answers[2 * i], key);
                key.dumped = value.text;
            }
            backup.changed(key);
        }
        if (m_saved.empty() || m_stopped) {
            backup.commit_changed();
        }
    });
}

void KeyChanger::take_transaction(const FlightPtr& flight, std::vector<Reply> replies) {
    const KeyCommand& command = flight->command;
    Reply& exec = replies.back();
    if (exec.is_array() && exec.elements.size() == 2 * command.keys.size() + 1) {
        save_changed(command, exec.elements);
        take_reply(flight, std::move(exec.elements.back()));
        return;
    }
    // Where MULTI was refused, what should have been queued may have been executed at once.
    if (replies[replies.size() - 2].is_integer()) {
        replies.pop_back();
        replies.erase(replies.begin());
        save_changed(command, replies);
        take_reply(flight, std::move(replies.back()));
        return;
    }
    for (Reply& reply : replies) {
        if (!reply.is_error() || exec.is_broken()) {
            continue;
        }
        const bool is_change = &reply == &replies[replies.size() - 2];
        if (reply.error_prefix() == "OOM") {
            change_at_once(flight);
        } else if (!is_change && denied_by(reply) == Denied::command) {
            --m_outstanding;
            m_tally.failed += command.keys.size();
            stop(refusal(reply, "save keys before they are changed", m_client.server()));
        } else {
            take_reply(flight, std::move(reply));
        }
        return;
    }
    take_reply(flight, std::move(exec));
}

}  // namespace cachectl
