/*
 * The recovery machine of one account, for spin: the document, the processes that change it, the clock, and who lets go.
 *
 *   record.pml      the document, instants, the table of transitions                 src/domain/account.ts, transitions.ts
 *   rules.pml       what the service decides, decisions.pml operation by operation   src/domain/
 *   changes.pml     the same for changes of the circle                               src/domain/circle-*.ts
 *   writing.pml     loading, writing, the outbox, a restore; what may be asked for   src/use-cases/
 *   properties.pml  what must hold whatever happens, by variables of its own         PROTOCOL.md, "Recover"
 *   player.pml      one process alone, which prints what it does: for replaying on the service
 *
 * Sizes are given on the command line (configurations.ts). `-DMUTANT=n` plants one defect, named beside it as [M n].
 * Not modelled: signatures and codes (a contact approves only what it compared), decoys, back-off, the reminders.
 */
#include "sizes.pml"
#include "record.pml"
#include "table.pml"
#include "properties.pml"
#include "rules.pml"
#include "changes.pml"
#include "decisions.pml"
#include "writing.pml"

/*
 * src/use-cases/transact.ts: load → settle → decide → commit. Any process, for anybody's call or for a job. What it is about to
 * do matters only once it decides, and since it decides about what it loaded, only the clock at loading has to be kept: the
 * write holds only if nobody wrote in between (`ifRevision`), for which `wrote` takes away what the others have loaded.
 */
proctype Process(byte me) {
  mtype asks;
  byte whom;
  byte which;
  do
  :: atomic { loadedAt[me] == 0 -> load(me, NOW) }
#if SKEW
  /* Another node of the store, whose clock is ahead: the one at the write decides. */
  :: atomic { loadedAt[me] == 0 -> load(me, NOW + 1) }
#endif
  :: atomic {
     loadedAt[me] != 0 -> choose();
     d_step { command = asks; about = whom; by = which; asks = 0; whom = 0; which = 0 };
     call(me)
   }
  /* It dies, or its caller does. */
  :: loadedAt[me] != 0 -> loadedAt[me] = 0
  od
}

/* The store's clock, which nobody can hold up. Instants are relative to it: passing, everything else moves back. */
proctype Clock() {
  do
  :: d_step { true -> tick(); skip }
  od
}

/*
 * src/use-cases/relay-outbox.ts: act first, then forget. A job, or the sweep: at any time, twice, late, and killed at any step
 * (also right after the change that filled the outbox, of which nobody then gives a hint).
 */
proctype Relay() {
  do
  :: atomic { OUTBOX -> d_step { tellPeople() } };
     do
     :: atomic { true -> d_step { actOnOutbox(); skip } };
        if
        :: atomic { relaying -> d_step { forgetActed(); skip } }; break
        :: !relaying /* moved: somebody wrote in between */
        :: break /* killed */
        fi
#if !LIVELY /* killed each time before it acts, it would never act */
     :: break /* killed */
#endif
     od;
     atomic { telling = 0; relaying = false }
  od
}

/*
 * workers/, src/use-cases/settle-account.ts: writes down what time alone has brought. Nothing waits for it but the end
 * itself, which it alone must bring: nobody is obliged to pull, to answer or to complete.
 */
proctype Sweep() {
  do
  :: atomic { true -> d_step { command = settle; loadedAt[SWEEPER] = NOW }; call(SWEEPER) }
  od
}

#if RESTORES
/* A backup is taken once, and put back once. What lies beside the keys is never put back. */
proctype Operator() {
  d_step { copy(saved, doc); skip };
  d_step { restoreRecords(); skip }
}
#endif

init {
  byte one;
  d_step { fillTable(); begin(); skip }
#if TRACE
  run Player()
#else
  atomic {
    for (one : 0 .. PROCESSES - 1) { run Process(one) }
    run Clock();
    run Relay();
#if LIVELY
    run Sweep();
#endif
#if RESTORES
    run Operator()
#endif
  }
#endif
}

#if LIVELY
#define OPEN(i) (doc.q[i].state >= COLLECTING && doc.q[i].state <= RELEASED)
ltl every_request_ends { [] (OPEN(0) -> <> !OPEN(0)) }
ltl every_end_is_noted { [] ((doc.notes & 1) -> <> (noted & 1)) }
ltl everybody_is_told { [] ((unsaid & 1) -> <> !(unsaid & 1)) }
ltl every_change_ends { [] (doc.change != NO_CHANGE && doc.accepted == CONTACTS -> <> (doc.change == NO_CHANGE || doc.accepted < CONTACTS)) }
#endif

#if TRACE
#include "player.pml"
#endif
