/* One decision for each operation, and the one way in which anything is written. */

/* recovery-judgement.ts: judge. The one way in which answers change the state. */
inline judge(i, word) {
  countAnswers(view, i);
  if
  :: view.q[i].state == RELEASED -> when = RELEASED
  :: else ->
     if
     :: live < ENOUGH -> view.q[i].quorumAt = 0
     :: live >= ENOUGH && view.q[i].quorumAt == 0 -> view.q[i].quorumAt = at
     :: else
     fi;
     if
     :: IS_HOPELESS -> when = DECLINED
     :: !IS_HOPELESS && view.q[i].state == CONTESTED -> when = CONTESTED
     :: !IS_HOPELESS && view.q[i].state != CONTESTED && view.q[i].quorumAt == 0 ->
        when = (at < view.q[i].expiresAt -> COLLECTING : EXPIRED)
     :: else -> when = WAITING_STATE(i)
     fi
  fi;
  moved(i, word, when)
}

/* recovery-judgement.ts: resume. */
inline resume(i, word) {
  view.q[i].overriddenAt = at;
  view.q[i].contestedUntil = 0;
  when = WAITING_STATE(i); moved(i, word, when);
  cancelPending()
}

/* recovery-answers.ts: displaceOthers. */
inline displaceOthers(i) {
  skip;
#if MUTANT != 9 /* [M 9] An approval stays where it was, too. */
  for (other : 0 .. REQUESTS - 1) {
    if
    :: other != i && IS_OPEN(view.q[other].state) && IS_LIVE(view.q[other].says[by]) ->
       view.q[other].says[by] = MOVED_ON;
       judge(other, BY_DISPLACE)
    :: else
    fi
  }
#endif
}

inline refuseContact(i) {
  if
  :: view.q[i].state == NOBODY -> outcome = not_found
  :: IS_ENDED(view.q[i].state) ->
     outcome = ((view.activeEpoch != 0 && view.q[i].epoch == view.activeEpoch) || view.q[i].says[by] != SILENT -> recovery_ended : not_found)
#if MUTANT != 13
  :: IS_OPEN(view.q[i].state) && (view.activeEpoch == 0 || view.q[i].epoch != view.activeEpoch) -> outcome = not_found
#endif
  :: else
  fi
}

/* recovery-answers.ts: answerRequest, by a contact who compared the codes. */
inline answerRequest(i) {
  step = (command == decline -> BY_DECLINE : (command == alarm -> BY_ALARM : BY_APPROVE));
  answer = (command == decline -> NO : (command == alarm -> ALARM : (command == approve -> YES : YES_STOLEN)));
  refuseContact(i);
  if
  :: outcome == changed && view.q[i].state == RELEASED && (step != BY_APPROVE || IS_LIVE(view.q[i].says[by])) -> outcome = not_collecting
  :: else
  fi;
  if
  :: outcome == changed ->
     if
     :: view.q[i].state == COLLECTING -> notAfter = (view.q[i].expiresAt < notAfter -> view.q[i].expiresAt : notAfter)
     :: view.q[i].state == CONTESTED -> notAfter = (view.q[i].contestedUntil < notAfter -> view.q[i].contestedUntil : notAfter)
     :: else
     fi;
     view.q[i].says[by] = answer;
#if VOUCHING
     if
     :: step == BY_APPROVE && view.q[i].matchedAt[by] == 0 -> view.q[i].matchedAt[by] = at
     :: else
     fi;
     view.q[i].saidAt[by] = (step == BY_APPROVE -> at : 0);
#endif
     if
#if MUTANT == 6 /* [M 6] Every alarm counts once more. */
     :: step == BY_ALARM && view.q[i].alarmed < 2 -> view.q[i].alarmed++
#else
     :: step == BY_ALARM -> view.q[i].alarmed = 1
#endif
     :: else
     fi;
     judge(i, step);
     if :: step == BY_APPROVE -> displaceOthers(i) :: else fi;
     if
     :: view.q[i].state == CONTESTED ->
        countAnswers(view, i);
        if :: IS_STOLEN_QUORUM -> resume(i, step) :: else fi
     :: else
     fi
  :: else
  fi
}

/* recovery-veto.ts: vetoRecovery, contest. */
inline vetoRequest(i) {
  if
  :: view.q[i].state == NOBODY -> outcome = (command == veto_key -> signature_rejected : recovery_ended)
  :: view.q[i].state != NOBODY && (command == veto_key) && view.q[i].epoch == 0 -> outcome = signature_rejected
  :: view.q[i].state == VETOED && !((command == veto_key) && view.q[i].epoch == 0) -> outcome = unchanged
  :: view.q[i].state == RELEASED -> outcome = veto_too_late
  :: IS_ENDED(view.q[i].state) && view.q[i].state != VETOED && !((command == veto_key) && view.q[i].epoch == 0) -> outcome = recovery_ended
#if MUTANT != 10 /* [M 10] The identity key's veto counts after it was beaten. */
  :: IS_OPEN(view.q[i].state) && view.q[i].state != RELEASED && !(command == veto_key) && view.q[i].overriddenAt != 0 -> outcome = veto_overruled
#endif
  :: else ->
#if MUTANT == 17 /* [M 17] The veto key's veto can be beaten like the other. */
     if
     :: STOLEN == 0 -> moved(i, BY_VETO_KEY, VETOED)
#else
     if
     :: (command == veto_key) -> moved(i, BY_VETO_KEY, VETOED)
     :: !(command == veto_key) && (STOLEN == 0 || view.q[i].epoch == 0) -> moved(i, BY_VETO, VETOED)
#endif
     :: else ->
        if
        :: view.q[i].state == CONTESTED -> outcome = unchanged
        :: else ->
           countAnswers(view, i);
           if
           :: IS_STOLEN_QUORUM -> resume(i, BY_VETO)
           :: else -> view.q[i].contestedUntil = at + CONTEST_PERIOD; moved(i, BY_VETO, CONTESTED)
           fi
        fi
     fi
  fi
}

/* recovery-veto.ts: cancelRecovery. */
inline cancelRequest(i) {
  if
  :: view.q[i].state == NOBODY -> outcome = session_expired
  :: view.q[i].state == CANCELLED -> outcome = unchanged
  :: IS_ENDED(view.q[i].state) && view.q[i].state != CANCELLED -> outcome = recovery_ended
  :: else -> moved(i, BY_CANCEL, CANCELLED)
  fi
}

/* epoch-keys.ts: isReleasable, whatever the records say. */
#if MUTANT == 18 /* [M 18] What is noted beside the keys is not asked for. */
#define IS_KEPT(i) true
#else
#define IS_KEPT(i) (highWater <= view.q[i].epoch && !(noted & (1 << (i))))
#endif
#if MUTANT == 2 /* [M 2] Whether it is due is found out before the write, which has no condition. */
#define IS_DUE(i) (wasDue[mover] & (1 << (i)))
#else
#define IS_DUE(i) ((view.q[i].state == WAITING || view.q[i].state == RELEASABLE) && RELEASABLE_AT(i) <= at)
#endif
#if MUTANT == 13 || MUTANT == 1
#define IS_RIGHT(i) true
#else
#define IS_RIGHT(i) (live >= THRESHOLD && view.q[i].epoch == view.activeEpoch)
#endif

/* pull-release.ts, recovery-release.ts: releaseRecovery. */
inline pullRelease(i) {
  countAnswers(view, i);
  if
  :: view.q[i].state == NOBODY -> outcome = session_expired
  :: view.q[i].state == COMPLETED -> outcome = already_completed
#if MUTANT != 2
  :: IS_ENDED(view.q[i].state) && view.q[i].state != COMPLETED -> outcome = recovery_ended
#endif
  :: view.q[i].state == RELEASED -> outcome = (IS_KEPT(i) -> unchanged : recovery_ended)
  :: else ->
     if
     :: IS_DUE(i) && IS_RIGHT(i) && IS_KEPT(i) ->
        notBefore = LATER(notBefore, RELEASABLE_AT(i));
#if MUTANT == 2
        view.q[i].state = RELEASED;
#else
        moved(i, BY_RELEASE, RELEASED);
#endif
        view.q[i].releasedAt = at
     :: IS_DUE(i) && IS_RIGHT(i) && !IS_KEPT(i) -> outcome = recovery_ended
     :: else -> outcome = not_releasable
     fi
  fi
}

/* recovery-completion.ts: completeRecovery; circle-end.ts: endCircle. */
inline completeRequest(i) {
  if
  :: view.q[i].state == NOBODY -> outcome = session_expired
#if MUTANT != 15 /* [M 15] What is completed can be completed. */
  :: view.q[i].state == COMPLETED -> outcome = already_completed
#endif
  :: IS_ENDED(view.q[i].state) && view.q[i].state != COMPLETED -> outcome = recovery_ended
  :: IS_OPEN(view.q[i].state) && view.q[i].state != RELEASED -> outcome = not_released
  :: else ->
#if MUTANT == 15
     view.q[i].state = RELEASED;
#endif
     moved(i, BY_COMPLETE, COMPLETED);
     supersedeOthers(i, true);
     if :: view.activeEpoch != 0 -> view.erase = view.activeEpoch + 1; view.coolsBy = false :: else fi;
     view.activeEpoch = 0;
     cancelPending()
  fi
}

/* recovery-vouching.ts, recovery-opening.ts: makeRoom; into `next` who gives way, REQUESTS for nobody, NEVER if nobody may. */
inline makeRoom() {
  next = REQUESTS;
#if VOUCHING
  live = 0; said = 0;
  for (b : 0 .. REQUESTS - 1) { if :: IS_OPEN(view.q[b].state) -> live++ :: else fi }
  if
  :: live >= MOST_OPEN ->
     for (c : 0 .. CONTACTS - 1) {
       d = 0; slot = REQUESTS;
       for (b : 0 .. REQUESTS - 1) {
         if
         :: IS_OPEN(view.q[b].state) ->
            other = LATER(view.q[b].matchedAt[c], (IS_LIVE(view.q[b].says[c]) -> view.q[b].saidAt[c] : 0));
            if :: other != 0 && other >= d -> d = other; slot = b :: else fi
         :: else
         fi
       }
       said = said | (1 << slot)
     }
     next = NEVER;
     for (b : 0 .. REQUESTS - 1) {
       if
       :: next == NEVER && IS_OPEN(view.q[b].state) && view.q[b].state != RELEASED && !(said & (1 << b)) -> next = b
       :: else
       fi
     }
  :: else
  fi
#endif
}

/* recovery-opening.ts: openRecovery. Here the next one that nobody has opened yet. */
inline openRequest(i) {
  makeRoom();
  if
#if !TRACE
  :: view.activeEpoch == 0 -> outcome = no_circle /* a decoy, which nothing can happen to */
#endif
  :: next == NEVER -> outcome = too_many_open
  :: else ->
     slot = next;
     if :: slot != REQUESTS -> moved(slot, BY_SUPERSEDE, SUPERSEDED) :: else fi;
     view.q[i].state = COLLECTING; view.q[i].epoch = view.activeEpoch; view.q[i].openedAt = at;
     view.q[i].expiresAt = at + COLLECTING_PERIOD
  fi
}

inline decide() {
  outcome = changed;
  if
  :: command == open_request -> openRequest(about)
  :: command == approve || command == approve_stolen || command == decline || command == alarm -> answerRequest(about)
  :: command == veto || command == veto_key -> vetoRequest(about)
  :: command == cancel -> cancelRequest(about)
  :: command == pull -> pullRelease(about)
  :: command == complete -> completeRequest(about)
  :: command == settle -> outcome = (isSettled -> changed : unchanged)
  :: else -> changeCircle()
  fi
}
