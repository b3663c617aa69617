// Package hunt repeats a program under schedules that it would hardly meet by itself,
// until a bug shows that is rare otherwise.
//
// The first run is undisturbed. Those after it are perturbed at the points where
// goroutines meet, by one strategy after another, each with a seed of its own:
//
//   - random: now and then a goroutine yields or is delayed;
//   - priorities: goroutines get random priorities, and those with a low one are held
//     back, but for a few points at which priorities change, after Burckhardt, Kothari,
//     Musuvathi and Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
//     Finding Bugs" (ASPLOS 2010);
//   - directed: goroutines pause at the places that the findings of earlier runs name,
//     as before the second acquire of a lock cycle, so that the others get there too,
//     after Joshi, Park, Sen and Naik, "A Randomized Dynamic Program Analysis Technique
//     for Detecting Real Deadlocks" (PLDI 2009). Every other time, and where no finding
//     names any, it is one line at which earlier runs showed that it may matter which goroutine comes
//     first, after Li, Lu, Musuvathi, Nath and Padhye, "Efficient Scalable
//     Thread-Safety-Violation Detection" (SOSP 2019): a send that a close can overtake, an
//     Add that a Wait can, a Cond.Wait whose signal comes without the lock, a semaphore, a
//     lock that another goroutine holds while it waits for a message, the second of two
//     critical sections. Elsewhere a directed run is like a random one.
//
// The perturbed program perturbs itself; its instructions are a [Perturbation] in an
// environment variable. All delays of a run come out of one budget. The same seed makes
// the same choices at the same points of each goroutine; what the machine and the Go
// scheduler do besides cannot be controlled.
package hunt
