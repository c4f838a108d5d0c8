//! The table, as it is printed and as it is in `docs/cve.md`.

use std::fmt::Write as _;

use crate::{Outcome, Replay};

/// Returns the table of replays and what came of them.
#[must_use]
pub fn table(rows: &[(Replay, Outcome)]) -> String {
    let mut text = String::from(
        "| CVE | library and version | what is wrong | native (AddressSanitizer) | in the sandbox | next request |\n|---|---|---|---|---|---|\n",
    );
    for (replay, Outcome { native, sandbox }) in rows {
        let next = match (sandbox.next_is_right, sandbox.bystander_is_right) {
            (true, true) => "right, after `reset`; another sandbox meanwhile: unharmed",
            (true, false) => "right, after `reset`; another sandbox meanwhile: DAMAGED",
            (false, _) => "WRONG, even after `reset`",
        };
        let state = if sandbox.poisoned { "poisoned" } else { "only the guest is harmed, and the application resets it" };
        let _ =
            writeln!(text, "| {} | {} | {} | {native} | {}; {state} | {next} |", replay.cve, replay.library, replay.wrong, sandbox.hostile);
    }
    text
}
