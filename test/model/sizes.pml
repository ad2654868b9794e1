/* Sizes, unless the command line gives others. Durations in ticks. */
#ifndef REQUESTS
#define REQUESTS 2
#endif
#ifndef CONTACTS
#define CONTACTS 3
#endif
#ifndef THRESHOLD
#define THRESHOLD 2
#endif
/* Statements of theft that beat a veto by the identity key; 0: the circle has no such rule. */
#ifndef STOLEN
#define STOLEN 0
#endif
#ifndef PROCESSES
#define PROCESSES 2
#endif
#ifndef WAITING_PERIOD
#define WAITING_PERIOD 2
#endif
#ifndef COLLECTING_PERIOD
#define COLLECTING_PERIOD 3
#endif
#define COOLING_PERIOD 2
#define CONTEST_PERIOD 3
#define DELAY_PERIOD 2
/* Whether a process may have read a clock that is ahead by a tick. */
#ifndef SKEW
#define SKEW 0
#endif
/* Epochs that may ever be proposed; 1: the circle does not change. */
#ifndef EPOCHS
#define EPOCHS 1
#endif
#ifndef MOST_OPEN
#define MOST_OPEN 3
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#ifndef LIVELY
#define LIVELY 0
#endif
#ifndef TRACE
#define TRACE 0
#endif
#ifndef MUTANT
#define MUTANT 0
#endif
/* Who has spoken for which request last matters only where one may have to give way. */
#define VOUCHING (REQUESTS > MOST_OPEN)
#define SWEEPER PROCESSES
#define LOADERS (PROCESSES + 1)
