/* Loading and writing: src/use-cases/transact.ts, relay-outbox.ts, and a restore from a backup. */

#if MUTANT == 2
byte wasDue[LOADERS];
#endif
#if MUTANT == 14
Document mine[LOADERS];
#endif

inline load(me, clock) {
  loadedAt[me] = clock;
#if MUTANT == 2
  d_step {
    copy(view, doc); at = clock; wasDue[me] = 0;
    for (b : 0 .. REQUESTS - 1) {
      if
      :: (view.q[b].state == WAITING || view.q[b].state == RELEASABLE) && RELEASABLE_AT(b) <= at -> wasDue[me] = wasDue[me] | (1 << b)
      :: else
      fi
    }
  }
#endif
#if MUTANT == 14
  d_step { copy(mine[me], doc) }
#endif
}

/* Whoever has loaded the document before is now too late with its write (`moved`) and begins again. */
inline othersMoved() {
#if MUTANT != 2 && MUTANT != 14 /* [M 14] The write does not ask for the revision. */
  for (a : 0 .. LOADERS - 1) { loadedAt[a] = 0 }
#endif
  relaying = false
}

/* In three steps only because one has a longest length; nobody comes in between. */
inline call(me) {
  d_step {
    mover = me;
    at = loadedAt[me];
#if MUTANT == 14
    copy(view, mine[me]);
#else
    copy(view, doc);
#endif
    /* Not by a clock that is behind the one it was decided by. */
    notBefore = at; isSettled = false;
    restarted(); settleRequests(); settleCircle(); settledUntil();
    skip /* a step must not end with a loop or a choice */
  };
  d_step { decide(); skip };
  d_step {
    /* transact.ts: what revives is withdrawn, and the decision taken again without it. */
    isRevived = (command == accept_share || command == countersign) && outcome != changed && doc.change == NEW_EPOCH && view.change == NO_CHANGE;
#if MUTANT == 2
    isWritten = outcome == changed && (command == pull || (NOW >= notBefore && NOW < notAfter));
#else
    isWritten = (outcome == changed || isRevived) && NOW < notAfter && (NOW >= notBefore || (MUTANT == 3 && command == pull)); /* [M 3] */
#endif
    if
    :: isWritten ->
       closeEnded();
       watchCommand(); watchRequests(); watchCircle();
       checkOutbox(view);
       copy(doc, view);
       if :: command == propose -> gone = gone & ~(1 << view.highest) :: else fi;
       othersMoved()
    :: else -> watchRefusal()
    fi;
    loadedAt[me] = 0
  }
}

#define OUTBOX (doc.notes | doc.tells | doc.erase | doc.eraseOnly)

/* Outside of the turn, and perhaps twice. */
inline tellPeople() { telling = doc.tells; unsaid = unsaid & ~doc.tells }

inline actOnOutbox() {
#if MUTANT != 12
  noted = noted | doc.notes;
  highWater = LATER(highWater, doc.erase);
  gone = gone | doc.eraseOnly;
#endif
  relaying = true
}

/* [M 12] What is to be done leaves the outbox before it is done. */
inline forgetActed() {
  doc.notes = 0; doc.erase = 0; doc.eraseOnly = 0; doc.tells = doc.tells & ~telling;
  checkOutbox(doc);
  othersMoved()
}

/* restart.ts: what had started before starts anew, as soon as somebody looks. What only the lost records knew is lost. */
#if RESTORES || TRACE
inline restoreRecords() {
  copy(doc, saved);
  restoredAt = NOW;
  doc.concerned = 1 << REQUESTS;
  acknowledged = acknowledged & noted;
  completions = completions & noted;
  owed = owed & (doc.notes | noted);
  unsaid = doc.tells;
  alive = LATER(LATER(doc.erase, highWater), 1);
  telling = 0;
  alarms = 0;
  for (a : 0 .. REQUESTS - 1) {
    if :: doc.q[a].state != NOBODY && doc.q[a].openedAt < NOW -> doc.concerned = doc.concerned | (1 << a) :: else fi;
    countAnswers(doc, a);
    since[a] = (live >= THRESHOLD -> NOW : 0);
    beatenAt[a] = (doc.q[a].overriddenAt != 0 -> LATER(doc.q[a].overriddenAt, LONG_AGO) : 0);
    if :: doc.q[a].alarmed -> alarms = alarms | (1 << a) :: else fi
  }
  othersMoved()
}
#endif

inline begin() {
  doc.activeEpoch = 1; doc.highest = 1;
#if RESTORES || TRACE
  saved.activeEpoch = 1; saved.highest = 1
#endif
}

/* What somebody may ask for next. */
#define MAY(i) (HAS(used, i) && (TRACE || doc.q[i].state != NOBODY))

inline chooseSlot() {
  if
  :: which = 0
  :: which = 1
#if CONTACTS > 2
  :: which = 2
#endif
  fi
}

inline chooseAbout() {
  if
  :: chooseSlot(); asks = approve
#if STOLEN || TRACE
  :: chooseSlot(); asks = approve_stolen
#endif
  :: chooseSlot(); asks = decline
  :: chooseSlot(); asks = alarm
#if TRACE
  :: chooseSlot(); asks = approve
  :: chooseSlot(); asks = approve
  :: asks = pull
  :: asks = pull
#endif
  :: asks = veto
  :: asks = veto_key
  :: asks = cancel
  :: asks = pull
  :: asks = complete
  fi
}

#define NEXT_NEW (REQUESTS > 3 && HAS(used, 2) && !HAS(used, 3) -> 3 : (REQUESTS > 2 && HAS(used, 1) && !HAS(used, 2) -> 2 : (REQUESTS > 1 && HAS(used, 0) && !HAS(used, 1) -> 1 : 0)))

inline chooseChange() {
  if
  :: doc.highest < EPOCHS -> asks = propose
  :: doc.change == NEW_EPOCH && doc.accepted < CONTACTS -> asks = accept_share
#if TRACE
  :: doc.change == NEW_EPOCH && doc.accepted < CONTACTS -> asks = accept_share
  :: doc.change == NEW_EPOCH && doc.accepted < CONTACTS -> asks = accept_share
#endif
  :: doc.change == NEW_EPOCH && doc.accepted < CONTACTS -> asks = decline_share
  :: doc.change == NEW_EPOCH && doc.activeEpoch != 0 && doc.consents < THRESHOLD -> asks = countersign
  :: doc.change != NO_CHANGE || TRACE -> asks = withdraw_change
  :: doc.change == NO_CHANGE || TRACE -> asks = delete_circle
  fi
}

inline choose() {
  if
  :: !HAS(used, NEXT_NEW) && (TRACE || doc.activeEpoch != 0) -> whom = NEXT_NEW; asks = open_request
  :: MAY(0) -> whom = 0; chooseAbout()
#if REQUESTS > 1
  :: MAY(1) -> whom = 1; chooseAbout()
#endif
#if REQUESTS > 2
  :: MAY(2) -> whom = 2; chooseAbout()
#endif
#if REQUESTS > 3
  :: MAY(3) -> whom = 3; chooseAbout()
#endif
#if TRACE
  /* More often those that something can still become of. */
  :: IS_OPEN(doc.q[0].state) -> whom = 0; chooseAbout()
  :: IS_OPEN(doc.q[1].state) -> whom = 1; chooseAbout()
  :: IS_OPEN(doc.q[2].state) -> whom = 2; chooseAbout()
  :: IS_OPEN(doc.q[3].state) -> whom = 3; chooseAbout()
#endif
#if EPOCHS > 1
  :: chooseChange()
#endif
  :: asks = settle
  fi
}
