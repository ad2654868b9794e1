/*
 * One process alone that does anything in any order, and says after each step what it was, what came of it, and how everything
 * stands by now, as traces.ts reads it. The numbers are chance's: `spin -n<seed>`.
 */
#ifndef STEPS
#define STEPS 30
#endif
/* So many runs one after another, each from the beginning: reading the model takes spin longer than a run. */
#ifndef ROUNDS
#define ROUNDS 10
#endif

hidden Document blank;

inline beginAnew() {
  d_step { copy(doc, blank); copy(saved, blank); begin(); skip };
  d_step {
    for (a : 0 .. REQUESTS - 1) { since[a] = 0; beatenAt[a] = 0 }
    noted = 0; highWater = 0; gone = 0; telling = 0; relaying = false; alarms = 0; acknowledged = 0; completions = 0;
    owed = 0; unsaid = 0; alive = 1; delays = 0; used = 0; restoredAt = 0; loadedAt[0] = 0
  };
  steps = 0; isSaved = false; isRestored = false;
  printf("@@\n")
}

inline sayRequest(i) {
  printf(" | %d %d %d %d %d %d", view.q[i].state, view.q[i].epoch, view.q[i].quorumAt, view.q[i].alarmed,
    view.q[i].overriddenAt, view.q[i].contestedUntil);
  printf(" %d", (view.q[i].quorumAt == 0 -> 0 : RELEASABLE_AT(i)));
  for (b : 0 .. CONTACTS - 1) { printf(" %d", view.q[i].says[b]) }
}

/* As whoever reads the account now finds it: settled, and not written. */
inline sayAll() {
  d_step {
    at = NOW; notBefore = 0; isSettled = false;
    copy(view, doc); restarted(); settleRequests(); settleCircle(); skip
  };
  printf(" # %d %d %d %d %d %d %d", view.activeEpoch, view.highest, view.change, view.coolsAt, view.delayed, view.accepted, view.consents);
  for (other : 0 .. REQUESTS - 1) { sayRequest(other) }
  printf("\n")
}

inline callAndSay() {
  choose();
  d_step { command = asks; about = whom; by = which; asks = 0; whom = 0; which = 0; loadedAt[0] = NOW };
  call(0);
  printf("@ %e %d %d %e", command, about, by, outcome);
  sayAll()
}

proctype Player() {
  mtype asks;
  byte whom;
  byte which;
  byte steps = STEPS;
  bool isSaved;
  bool isRestored;
  byte rounds;
  do
  :: steps < STEPS ->
     steps++;
     if
     :: callAndSay()
     :: callAndSay()
     :: callAndSay()
     :: callAndSay()
     :: callAndSay()
     :: callAndSay()
     :: d_step { tick(); skip }; printf("@ tick 0 0 changed"); sayAll()
     :: OUTBOX -> d_step { tellPeople(); actOnOutbox(); forgetActed(); telling = 0 }; printf("@ relay 0 0 changed"); sayAll()
     :: !isSaved && steps > 8 -> d_step { copy(saved, doc); isSaved = true }; printf("@ save 0 0 changed"); sayAll()
     :: isSaved && !isRestored && steps > 14 ->
        d_step { restoreRecords(); isRestored = true }; printf("@ restore 0 0 changed"); sayAll()
     fi
  :: steps == STEPS && rounds < ROUNDS -> rounds++; beginAnew()
  :: else -> break
  od
}
