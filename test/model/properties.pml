/*
 * What must hold whatever happens, kept by variables of its own: none of the service's fields says when somebody may have the
 * secret. Each property is an assertion that fails under its name.
 */
hidden byte step_outside_table;
hidden byte released_early;
hidden byte released_after_veto;
hidden byte released_below_threshold;
hidden byte released_of_dead_epoch;
hidden byte release_denied;
hidden byte given_up_early;
hidden byte completed_twice;
hidden byte ended_came_back;
hidden byte override_undone;
hidden byte veto_key_held_up;
hidden byte contact_counted_twice;
hidden byte change_over_approval;
hidden byte delayed_twice;
hidden byte outbox_lost;

byte since[REQUESTS]; /* when the write was done from which on there has been a quorum */
byte beatenAt[REQUESTS]; /* when the write was done by which a veto was beaten */
byte alarms; /* bits: somebody raised the alarm */
byte acknowledged; /* bits: its owner was told that the veto ended it */
byte completions;
byte owed; /* bits: its end must be found beside the keys, or in the outbox */
byte unsaid; /* bits: people have not been told of its end yet */
byte alive = 1; /* the lowest epoch whose factor may still be handed out */
byte delays; /* of the change that is pending */
byte used; /* bits: requests that were ever opened */
byte restoredAt;

inline ghostsOlder() {
  for (a : 0 .. REQUESTS - 1) { older(since[a]); older(beatenAt[a]) }
  older(restoredAt)
}

#define HAS(bits, i) (((bits) >> (i)) & 1)
#define EARLIEST(i) LATER(since[i] + WAITING_PERIOD * (1 + HAS(alarms, i) + (beatenAt[i] != 0)), beatenAt[i] + WAITING_PERIOD)

inline checkOutbox(record) {
  outbox_lost = (owed & ~(record.notes | noted)) || (unsaid & ~record.tells) || (alive > LATER(LATER(record.erase, highWater), 1));
  assert(!outbox_lost)
}

/* Before `view` takes the place of `doc`. */
inline watchRequests() {
  for (a : 0 .. REQUESTS - 1) {
    ended_came_back = IS_ENDED(doc.q[a].state) && view.q[a].state != doc.q[a].state;
    assert(!ended_came_back);
    countAnswers(doc, a);
    d = live;
    if
    :: IS_OPEN(doc.q[a].state) && IS_ENDED(view.q[a].state) ->
       change_over_approval = view.q[a].state == SUPERSEDED && live > 0 && command != complete && command != open_request && doc.q[a].state != RELEASED;
       assert(!change_over_approval);
#if MUTANT == 0 || MUTANT == 20 /* What shortens the wait is to be noticed by what is handed out. */
       given_up_early = command == settle && view.q[a].state == EXPIRED && (doc.q[a].state == WAITING || doc.q[a].state == RELEASABLE) && NOW < EARLIEST(a) + LATER(COLLECTING_PERIOD, WAITING_PERIOD);
       assert(!given_up_early);
#endif
       unsaid = unsaid | (1 << a);
       telling = telling & ~(1 << a);
       if
       :: view.q[a].state == VETOED || live > 0 || said > 0 -> owed = owed | (1 << a)
       :: else
       fi;
       since[a] = 0; beatenAt[a] = 0; alarms = alarms & ~(1 << a)
    :: IS_OPEN(view.q[a].state) ->
       used = used | (1 << a);
       countAnswers(view, a);
       if
       :: live >= THRESHOLD && d < THRESHOLD -> since[a] = NOW
       :: live < THRESHOLD -> since[a] = 0
       :: else
       fi;
       if
       :: view.q[a].overriddenAt != 0 && doc.q[a].overriddenAt == 0 -> beatenAt[a] = NOW
       :: else
       fi;
       if
       :: command == alarm && a == about -> alarms = alarms | (1 << a)
       :: else
       fi
    :: else
    fi
  }
}

inline watchCommand() {
  if
  :: command == pull ->
     countAnswers(view, about);
     released_below_threshold = live < THRESHOLD;
     released_after_veto = HAS(acknowledged, about);
     released_of_dead_epoch = view.q[about].epoch < alive;
     released_early = since[about] == 0 || NOW < EARLIEST(about);
     assert(!released_below_threshold);
     assert(!released_after_veto);
     assert(!released_of_dead_epoch);
     assert(!released_early)
  :: command == complete ->
     completed_twice = HAS(completions, about);
     assert(!completed_twice);
     completions = completions | (1 << about)
  :: command == veto || command == veto_key ->
     override_undone = command == veto && beatenAt[about] != 0;
     veto_key_held_up = command == veto_key && view.q[about].state != VETOED;
     assert(!override_undone);
     assert(!veto_key_held_up);
     if
     :: view.q[about].state == VETOED -> acknowledged = acknowledged | (1 << about)
     :: else
     fi
  :: else
  fi
}

inline watchCircle() {
  for (b : 0 .. CONTACTS - 1) {
    d = 0;
    for (a : 0 .. REQUESTS - 1) {
      if :: IS_OPEN(view.q[a].state) && IS_LIVE(view.q[a].says[b]) -> d++ :: else fi
    }
    contact_counted_twice = d > 1;
    assert(!contact_counted_twice)
  }
  if
  :: view.change == NO_CHANGE || command == propose -> delays = 0
  :: view.change != NO_CHANGE && command != propose && view.change == doc.change && view.coolsAt > doc.coolsAt && !(doc.concerned & (1 << REQUESTS)) ->
     delays++;
     delayed_twice = delays > 1;
     assert(!delayed_twice)
  :: else
  fi;
  if
  :: doc.activeEpoch != 0 && view.activeEpoch != doc.activeEpoch -> alive = doc.activeEpoch + 1
  :: else
  fi
}

/* A pull that was refused although every rule is met. */
inline watchRefusal() {
  if
  :: command == pull && outcome == not_releasable && at == NOW && (view.q[about].state == WAITING || view.q[about].state == RELEASABLE) ->
     countAnswers(view, about);
     release_denied = live >= THRESHOLD && since[about] != 0 && EARLIEST(about) + SKEW <= NOW;
     assert(!release_denied)
  :: else
  fi
}
