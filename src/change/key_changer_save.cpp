// The part of change/key_changer.hpp that saves keys before it changes them: what is read of them
// is in the backup, and on the disk, before the change is sent. Of a key that is deleted the value
// is read once more in the same transaction: somebody may have written to it in between.
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
    write_backup([&] {
        for (const SavedKey& key : saved.keys) {
            removes ? m_options.backup->add(key) : m_options.backup->add_final(key);
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

// --- deleting -----------------------------------------------------------------------------------

void KeyChanger::transact(const FlightPtr& flight) {
    const KeyCommand& command = flight->command;
    const auto replies = std::make_shared<std::vector<Reply>>();
    const auto keep = [replies](Reply reply) { replies->push_back(std::move(reply)); };
    const std::vector<std::string> names = command.keys;  // a reply may take the flight's away
    flight->sent = m_client.now();
    m_client.send({"MULTI"}, keep);
    for (const std::string& key : names) {
        m_client.send(expiry_question(m_options.backup->facts(), key), keep);
        m_client.send({"DUMP", key}, keep);
    }
    std::vector<std::string_view> removal = {command.verb};
    removal.insert(removal.end(), names.begin(), names.end());
    m_client.send(removal, keep);
    m_client.send({"EXEC"}, [this, flight, replies](Reply reply) {
        replies->push_back(std::move(reply));
        take_transaction(flight, std::move(*replies));
    });
}

/// `answers`: of each its expiry and what DUMP said, when it was deleted.
void KeyChanger::save_deleted(const std::vector<std::string>& names,
                              const std::vector<Reply>& answers) {
    Backup& backup = *m_options.backup;
    write_backup([&] {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const Reply& value = answers[2 * i + 1];
            SavedKey key{.name = names[i], .dumped = {}};
            if (value.type == Reply::Type::string) {
                take_expiry(backup.facts(), answers[2 * i], key);
                key.dumped = value.text;
            }
            backup.deleted(key);
        }
        if (m_saved.empty() || m_stopped) {
            backup.commit_deleted();
        }
    });
}

void KeyChanger::take_transaction(const FlightPtr& flight, std::vector<Reply> replies) {
    const std::vector<std::string> names = flight->command.keys;
    Reply& exec = replies.back();
    if (exec.is_array() && exec.elements.size() == 2 * names.size() + 1) {
        save_deleted(names, exec.elements);
        take_reply(flight, std::move(exec.elements.back()));
        return;
    }
    // Where MULTI was refused, what should have been queued may have been executed at once.
    if (replies[replies.size() - 2].is_integer()) {
        replies.pop_back();
        replies.erase(replies.begin());
        save_deleted(names, replies);
        take_reply(flight, std::move(replies.back()));
        return;
    }
    for (Reply& reply : replies) {
        if (!reply.is_error() || exec.is_broken()) {
            continue;
        }
        const bool is_removal = &reply == &replies[replies.size() - 2];
        // A server that is full queues nothing, but deletes: what was saved has to do.
        if (reply.error_prefix() == "OOM") {
            for (const std::string& name : names) {
                m_options.backup->deleted({.name = name, .dumped = {}});
            }
            transmit_command(flight);
        } else if (!is_removal && denied_by(reply) == Denied::command) {
            --m_outstanding;
            m_tally.failed += names.size();
            stop(refusal(reply, "save keys before they are changed", m_client.server()));
        } else {
            take_reply(flight, std::move(reply));
        }
        return;
    }
    take_reply(flight, std::move(exec));
}

}  // namespace cachectl
