/* The document of one account (src/domain/account.ts), the store's clock, and the table of transitions (transitions.ts). */

/*
 * Instants are relative: it is always NOW, and a tick moves every instant back by one, down to LONG_AGO, from which on nothing
 * depends on them any more. So time has no end and the model is finite. 0 stands for null.
 */
#define LONG_AGO 1
#if TRACE
#define NOW 160
#elif MUTANT == 4
#define NOW (LONG_AGO + 4 * WAITING_PERIOD + COLLECTING_PERIOD + 1)
#else
#define NOW (LONG_AGO + 3 * WAITING_PERIOD + COLLECTING_PERIOD + 1)
#endif
/* A decision of this age is not written any more: transact.ts, OLDEST_DECISION_MS, which is less than a tick. */
#if MUTANT == 4 /* [M 4] A decision may be of any age. */
#define OLDEST_DECISION (WAITING_PERIOD + 1)
#else
#define OLDEST_DECISION 1
#endif
#define NEVER 255
#define LATER(a, b) ((a) > (b) -> (a) : (b))

#define NOBODY 0 /* not opened yet */
#define COLLECTING 1
#define WAITING 2
#define CONTESTED 3
#define RELEASABLE 4
#define RELEASED 5
#define COMPLETED 6
#define VETOED 7
#define DECLINED 8
#define CANCELLED 9
#define EXPIRED 10
#define SUPERSEDED 11
#define IS_OPEN(state) ((state) >= COLLECTING && (state) <= RELEASED)
#define IS_ENDED(state) ((state) > RELEASED)

/* A slot's latest answer. */
#define SILENT 0
#define YES 1
#define YES_STOLEN 2
#define NO 3
#define ALARM 4
#define MOVED_ON 5 /* displaced: the contact approved another request */
#define IS_LIVE(answer) ((answer) == YES || (answer) == YES_STOLEN)

typedef Request {
  byte state;
  byte epoch;
  byte openedAt;
  byte expiresAt;
  byte quorumAt;
  byte alarmed; /* a counter only for [M 6] */
  byte overriddenAt;
  byte contestedUntil;
  byte releasedAt;
  byte restoredAt;
  byte says[CONTACTS];
#if VOUCHING
  byte matchedAt[CONTACTS];
  byte saidAt[CONTACTS];
#endif
}

#define NO_CHANGE 0
#define NEW_EPOCH 1
#define DELETION 2

typedef Document {
  Request q[REQUESTS]; /* oldest first */
  byte activeEpoch; /* epoch; 0: none */
  byte highest;
  bool coolsBy; /* a deletion: the next epoch cools although none is active */
  byte change;
  byte coolsAt; /* 0: cools not at all */
  bool delayed;
  byte accepted; /* by this many of its slots */
  byte consents; /* countersigned by this many */
  byte concerned; /* bits: requests that started before a restore and have not started anew; the last one: the change */
  /* The outbox, one bit for each request: its end is to be noted beside the keys; people are to be told of it. */
  byte notes;
  byte tells;
  byte erase; /* factors below this epoch */
  short eraseOnly; /* bits: factors of epochs that never came into effect */
}

Document doc; /* as it is stored */
hidden Document view; /* as a process has loaded, settled and changed it; worked out anew at every step */
#if RESTORES || TRACE
Document saved; /* the backup */
#endif
byte loadedAt[LOADERS]; /* the clock when a process loaded the document; 0: it has none, or an older one than there is now */
/* Beside the keys: */
byte noted; /* bits: requests known to have ended */
byte highWater; /* the lowest epoch that may be released */
short gone; /* bits: epochs whose factor was erased before they came into effect */
/* Of the relay: what it has told; what it has acted on, unless somebody wrote since. */
byte telling;
bool relaying;

hidden byte a;
hidden byte b;
hidden byte c;
hidden byte d;

inline copy(to, from) {
  for (a : 0 .. REQUESTS - 1) {
    to.q[a].state = from.q[a].state; to.q[a].epoch = from.q[a].epoch;
    to.q[a].openedAt = from.q[a].openedAt; to.q[a].expiresAt = from.q[a].expiresAt;
    to.q[a].quorumAt = from.q[a].quorumAt; to.q[a].alarmed = from.q[a].alarmed;
    to.q[a].overriddenAt = from.q[a].overriddenAt; to.q[a].contestedUntil = from.q[a].contestedUntil;
    to.q[a].releasedAt = from.q[a].releasedAt; to.q[a].restoredAt = from.q[a].restoredAt;
    for (b : 0 .. CONTACTS - 1) {
      to.q[a].says[b] = from.q[a].says[b];
#if VOUCHING
      to.q[a].matchedAt[b] = from.q[a].matchedAt[b]; to.q[a].saidAt[b] = from.q[a].saidAt[b];
#endif
    }
  }
  to.activeEpoch = from.activeEpoch; to.highest = from.highest; to.coolsBy = from.coolsBy; to.change = from.change;
  to.coolsAt = from.coolsAt; to.delayed = from.delayed; to.accepted = from.accepted; to.consents = from.consents;
  to.concerned = from.concerned; to.notes = from.notes; to.tells = from.tells; to.erase = from.erase; to.eraseOnly = from.eraseOnly
}

inline older(instant) {
  if
  :: instant > LONG_AGO -> instant--
  :: else
  fi
}

inline olderIn(record) {
  for (a : 0 .. REQUESTS - 1) {
    older(record.q[a].openedAt); older(record.q[a].expiresAt); older(record.q[a].quorumAt);
    older(record.q[a].overriddenAt); older(record.q[a].contestedUntil); older(record.q[a].releasedAt);
    older(record.q[a].restoredAt);
#if VOUCHING
    for (b : 0 .. CONTACTS - 1) { older(record.q[a].matchedAt[b]); older(record.q[a].saidAt[b]) }
#endif
  }
  older(record.coolsAt)
}

inline tick() {
  olderIn(doc);
#if RESTORES || TRACE
  olderIn(saved);
#endif
  for (a : 0 .. LOADERS - 1) {
    older(loadedAt[a]);
    /* Its write could only be `late`; what it would decide is no matter any more. */
    if :: loadedAt[a] + OLDEST_DECISION <= NOW -> loadedAt[a] = 0 :: else fi
  }
  ghostsOlder()
}

/*
 * src/domain/transitions.ts: for each state and command the states that it may lead to, as bits. `fillTable` stands in table.pml,
 * which is written from the service's own table before every run.
 */
#define BY_APPROVE 0
#define BY_DECLINE 1
#define BY_ALARM 2
#define BY_DISPLACE 3
#define BY_VETO 4
#define BY_VETO_KEY 5
#define BY_CANCEL 6
#define BY_RELEASE 7
#define BY_COMPLETE 8
#define BY_SUPERSEDE 9
#define BY_PASS 10
#define BY_RESTORE 11
hidden short table[72];
#define AT(state, step) table[(state) * 12 + (step)]
#define TO(state) (1 << (state))

