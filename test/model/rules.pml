/* What the service decides about the document as it was loaded: src/domain/, said again. */

mtype = { open_request, approve, approve_stolen, decline, alarm, veto, veto_key, cancel, pull, complete,
          propose, accept_share, decline_share, countersign, withdraw_change, delete_circle, settle };
/* What came of it: done or not needed, or the code of the refusal. */
mtype = { changed, unchanged, recovery_ended, not_found, not_collecting, veto_too_late, veto_overruled, session_expired,
          not_releasable, not_released, already_completed, too_many_open, change_pending, change_not_pending, no_circle, signature_rejected, epoch_rejected,
          acceptance_rejected };

/* The call that is being decided. Nothing here outlives its step. */
hidden mtype command;
hidden byte about; /* which request */
hidden byte by; /* which slot */
hidden mtype outcome;
hidden byte at; /* the clock when the document was loaded */
hidden byte notBefore; /* conditions of the write, decision.ts */
hidden byte notAfter;
hidden byte isSettled; /* time alone has changed something */
hidden byte isWritten;
hidden byte isRevived;
hidden byte live;
hidden byte said;
hidden byte other;
hidden byte slot;
hidden byte next;
hidden byte when;
hidden byte step;
hidden byte answer;
hidden byte isBlocked;
hidden byte isHeld;
hidden byte mover; /* the process that decides */

/* src/domain/reminders.ts: releasableAtOf, pullableUntil, completableUntil. */
#if MUTANT == 5 /* [M 5] An alarm does not count. */
#define PERIODS(i) (1 + (view.q[i].overriddenAt != 0))
#else
#define PERIODS(i) (1 + view.q[i].alarmed + (view.q[i].overriddenAt != 0))
#endif
#if MUTANT == 11 /* [M 11] A restored request goes on waiting. */
#define WAITS_SINCE(i) view.q[i].quorumAt
#else
#define WAITS_SINCE(i) LATER(view.q[i].quorumAt, view.q[i].restoredAt)
#endif
#define RELEASABLE_AT(i) LATER(WAITS_SINCE(i) + WAITING_PERIOD * PERIODS(i), view.q[i].overriddenAt + WAITING_PERIOD)
#if MUTANT == 20 /* [M 20] The time to pull counts from the quorum. */
#define PULLABLE_UNTIL(i) LATER(view.q[i].quorumAt + COLLECTING_PERIOD, RELEASABLE_AT(i))
#else
#define PULLABLE_UNTIL(i) (RELEASABLE_AT(i) + LATER(COLLECTING_PERIOD, WAITING_PERIOD))
#endif
#define COMPLETABLE_UNTIL(i) (view.q[i].releasedAt + COLLECTING_PERIOD)
#define WAITING_STATE(i) (at < RELEASABLE_AT(i) -> WAITING : RELEASABLE)
#if MUTANT == 1 /* [M 1] Quorum is off by one. */
#define ENOUGH (THRESHOLD - 1)
#else
#define ENOUGH THRESHOLD
#endif

/* recovery.ts: liveApprovals, hasStolenQuorum's count; recovery-judgement.ts: isHopeless's. All in one pass. */
inline countAnswers(record, i) {
  live = 0; said = 0; next = 0;
  for (c : 0 .. CONTACTS - 1) {
    if
    :: IS_LIVE(record.q[i].says[c]) -> live++; if :: record.q[i].says[c] == YES_STOLEN -> said++ :: else fi
    :: record.q[i].says[c] == NO -> next++
    :: else
    fi
  }
}
#define IS_STOLEN_QUORUM (STOLEN != 0 && said >= STOLEN)
#define IS_HOPELESS (CONTACTS - next < THRESHOLD)

/* transitions.ts: moved. */
inline moved(i, word, to) {
  step_outside_table = (AT(view.q[i].state, word) & TO(to)) == 0;
  assert(!step_outside_table);
  view.q[i].state = to
}

/*
 * recovery-ending.ts: endRecovery. What goes with every end alike is done once, before the write: the outbox, and that what the
 * request held no longer matters to anything here.
 */
inline closeEnded() {
  for (b : 0 .. REQUESTS - 1) {
    if
    :: IS_OPEN(doc.q[b].state) && IS_ENDED(view.q[b].state) ->
       view.tells = view.tells | (1 << b);
       d = view.q[b].state == VETOED;
       for (c : 0 .. CONTACTS - 1) {
         d = d || view.q[b].says[c] != SILENT;
#if !TRACE
         view.q[b].says[c] = SILENT;
#endif
#if VOUCHING
         view.q[b].matchedAt[c] = 0; view.q[b].saidAt[c] = 0;
#endif
       }
       if :: d -> view.notes = view.notes | (1 << b) :: else fi;
       view.q[b].openedAt = 0; view.q[b].expiresAt = 0; view.q[b].quorumAt = 0; view.q[b].alarmed = 0;
       view.q[b].overriddenAt = 0; view.q[b].contestedUntil = 0; view.q[b].releasedAt = 0; view.q[b].restoredAt = 0
    :: else
    fi
  }
}

inline clearChange() {
  view.change = NO_CHANGE; view.coolsAt = 0; view.delayed = false; view.accepted = 0; view.consents = 0
}

/* circle-end.ts: replacePending, cancelPending. The pending epoch is always the highest. */
inline cancelPending() {
  if :: view.change == NEW_EPOCH -> view.eraseOnly = view.eraseOnly | (1 << view.highest) :: else fi;
  clearChange()
}

/* circle-end.ts: supersedeRequests. */
inline supersedeOthers(except, all) {
  for (b : 0 .. REQUESTS - 1) {
    if
    :: b != except && IS_OPEN(view.q[b].state) && (all || view.q[b].epoch == view.activeEpoch) -> moved(b, BY_SUPERSEDE, SUPERSEDED)
    :: else
    fi
  }
}

/* restart.ts: restarted, applied to every read. */
inline restarted() {
  for (b : 0 .. REQUESTS - 1) {
    if
    :: (view.concerned & (1 << b)) && IS_OPEN(view.q[b].state) && view.q[b].state != COLLECTING ->
       view.concerned = view.concerned & ~(1 << b);
       isSettled = true;
       view.q[b].restoredAt = restoredAt;
       if
       :: view.q[b].state == CONTESTED -> moved(b, BY_RESTORE, CONTESTED)
       :: else ->
          countAnswers(view, b);
          if
          :: view.q[b].state != RELEASED || live >= THRESHOLD -> moved(b, BY_RESTORE, WAITING)
          :: else -> moved(b, BY_RESTORE, COLLECTING); view.q[b].quorumAt = 0
          fi;
          view.q[b].releasedAt = 0
       fi
    :: else
    fi
  }
  if
  :: (view.concerned & (1 << REQUESTS)) ->
     view.concerned = view.concerned & ~(1 << REQUESTS);
     if
     :: view.change != NO_CHANGE && view.coolsAt != 0 && view.coolsAt < restoredAt + COOLING_PERIOD ->
        isSettled = true; view.coolsAt = restoredAt + COOLING_PERIOD
     :: else
     fi
  :: else
  fi
}

/* Into `when` goes the instant: a conditional expression cannot be handed to an inline. */
inline fallsDue() { notBefore = LATER(notBefore, when); isSettled = true }

/* settle.ts: dueOf. No request makes another one due. */
inline settleRequests() {
  for (b : 0 .. REQUESTS - 1) {
    if
    :: view.q[b].state == COLLECTING && LATER(view.q[b].expiresAt, view.q[b].restoredAt) <= at ->
       when = LATER(view.q[b].expiresAt, view.q[b].restoredAt); fallsDue(); moved(b, BY_PASS, EXPIRED)
#if MUTANT != 16 /* [M 16] A contest does not end. */
    :: view.q[b].state == CONTESTED && view.q[b].contestedUntil <= at ->
       when = view.q[b].contestedUntil; fallsDue(); moved(b, BY_PASS, VETOED)
#endif
    :: view.q[b].state == WAITING && RELEASABLE_AT(b) <= at -> when = RELEASABLE_AT(b); fallsDue(); moved(b, BY_PASS, RELEASABLE)
    :: view.q[b].state == RELEASED && COMPLETABLE_UNTIL(b) <= at ->
       when = COMPLETABLE_UNTIL(b); fallsDue(); moved(b, BY_PASS, EXPIRED)
    :: else
    fi;
    if
#if MUTANT != 19 /* [M 19] What may be released and is never pulled has no end. */
    :: view.q[b].state == RELEASABLE && PULLABLE_UNTIL(b) <= at ->
       when = PULLABLE_UNTIL(b); fallsDue(); moved(b, BY_PASS, EXPIRED)
#endif
    :: else
    fi
  }
}

/* circle-change.ts: gateOf. */
#define IS_HOLDING(b) (IS_OPEN(view.q[b].state) && view.q[b].epoch == view.activeEpoch && view.activeEpoch != 0)
inline readGate() {
  isBlocked = false; isHeld = false;
  for (b : 0 .. REQUESTS - 1) {
    if
    :: IS_HOLDING(b) ->
       isHeld = true;
       countAnswers(view, b);
#if MUTANT != 7 /* [M 7] A change takes effect in spite of approvals. */
       isBlocked = isBlocked || live > 0
#endif
    :: else
    fi
  }
}

/* circle-change.ts: readyAt and changeDueAt; into `next`, NEVER if nothing is due. The instant `at` stands for proposedAt. */
#define IS_CONSENTED (!view.delayed && view.activeEpoch != 0 && view.consents >= THRESHOLD)
inline readDue() {
  readGate();
  if
  :: view.change == NO_CHANGE || isBlocked || (view.change == NEW_EPOCH && view.accepted < CONTACTS) -> next = NEVER
  :: else ->
     if
     :: view.change == NEW_EPOCH && (view.coolsAt == 0 || IS_CONSENTED) -> next = 0
     :: else -> next = view.coolsAt
     fi
  fi
}

/* circle-change.ts: settleCircle, activated; circle-end.ts: deleteCircle. */
inline settleCircle() {
  readDue();
  if
  :: next <= at ->
     isSettled = true;
     if :: next != 0 -> notBefore = LATER(notBefore, next) :: else fi;
     if
#if MUTANT == 8 /* [M 8] A request delays a change again and again. */
     :: isHeld -> view.coolsAt = at + DELAY_PERIOD; view.delayed = true
#else
     :: isHeld && !view.delayed -> view.coolsAt = at + DELAY_PERIOD; view.delayed = true
#endif
     /* epoch-keys.ts: revives. Only records from a backup do not know that it was withdrawn. */
     :: !(isHeld && !view.delayed) && view.change == NEW_EPOCH && (gone & (1 << view.highest)) -> cancelPending()
     :: else ->
#if MUTANT != 13 /* [M 13] Requests outlive their epoch, and contacts may answer them. */
        supersedeOthers(REQUESTS, false);
#endif
        if
        :: view.change == NEW_EPOCH -> view.erase = view.highest; view.activeEpoch = view.highest; view.coolsBy = false
        :: else -> view.erase = view.activeEpoch + 1; view.activeEpoch = 0; view.coolsBy = true
        fi;
        clearChange()
     fi
  :: else
  fi
}

/* account-index.ts: dueAtOf, of what is settled: the first instant from which on the decision would not know of something. */
inline settledUntil() {
  readDue();
  for (b : 0 .. REQUESTS - 1) {
    if
    :: view.q[b].state == COLLECTING -> next = (view.q[b].expiresAt < next -> view.q[b].expiresAt : next)
    :: view.q[b].state == WAITING -> next = (RELEASABLE_AT(b) < next -> RELEASABLE_AT(b) : next)
    :: view.q[b].state == CONTESTED -> next = (view.q[b].contestedUntil < next -> view.q[b].contestedUntil : next)
#if MUTANT != 19
    :: view.q[b].state == RELEASABLE -> next = (PULLABLE_UNTIL(b) < next -> PULLABLE_UNTIL(b) : next)
#endif
    :: view.q[b].state == RELEASED -> next = (COMPLETABLE_UNTIL(b) < next -> COMPLETABLE_UNTIL(b) : next)
    :: else
    fi
  }
  notAfter = (next > at -> next : NEVER);
  notAfter = (at + OLDEST_DECISION < notAfter -> at + OLDEST_DECISION : notAfter)
}
