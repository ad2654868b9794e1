/* What changes the circle. */

/* circle-proposal.ts, circle-acceptance.ts, circle-consent.ts. Slots accept and countersign in their order. */
inline changeCircle() {
  if
  :: command == propose ->
     if
     :: view.change == DELETION -> outcome = change_pending
     :: view.change != DELETION && view.highest + 1 < highWater -> outcome = epoch_rejected /* epoch-keys.ts: keepFactor */
     :: else ->
        cancelPending();
        view.highest++; view.change = NEW_EPOCH;
        view.coolsAt = (view.activeEpoch != 0 || view.coolsBy -> at + COOLING_PERIOD : 0)
     fi
  :: command == accept_share && (view.change != NEW_EPOCH || view.accepted == CONTACTS) ->
     outcome = (view.activeEpoch != 0 -> acceptance_rejected : not_found)
  :: command == accept_share && view.change == NEW_EPOCH && view.accepted < CONTACTS ->
     view.accepted++;
     settleCircle();
     if :: HAS(gone, view.highest) && view.change == NO_CHANGE -> outcome = (view.activeEpoch != 0 -> acceptance_rejected : not_found) :: else fi
  :: command == decline_share -> cancelPending()
  :: command == countersign ->
     if
     :: view.activeEpoch == 0 -> outcome = not_found
     :: view.activeEpoch != 0 && view.change != NEW_EPOCH -> outcome = change_not_pending
     :: else ->
        view.consents++;
        settleCircle();
        if :: HAS(gone, view.highest) && view.change == NO_CHANGE -> outcome = change_not_pending :: else fi
     fi
  :: command == withdraw_change ->
     if :: view.change == NO_CHANGE -> outcome = change_not_pending :: else -> cancelPending() fi
  :: else ->
     if
     :: view.activeEpoch == 0 -> outcome = no_circle
     :: view.activeEpoch != 0 && view.change == DELETION -> outcome = unchanged
     :: view.activeEpoch != 0 && view.change == NEW_EPOCH -> outcome = change_pending
     :: else -> view.change = DELETION; view.coolsAt = at + COOLING_PERIOD
     fi
  fi
}
