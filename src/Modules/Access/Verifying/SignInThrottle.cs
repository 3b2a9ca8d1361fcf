using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Notify.Kernel;

namespace Notify.Access.Verifying;

/// <summary>
/// Slows down guessing of passwords and codes without locking anybody out. It counts failures of each user at each address, of each user at all
/// addresses, and at each address; after a number of them the next attempt must wait, each time twice as long. At an address where the user has
/// signed in before, only the first count applies: attempts elsewhere cannot keep users from signing in at their desk. Passkeys cannot be guessed and
/// are not counted.
/// </summary>
/// <remarks>Unknown names are counted too, so that a wait does not reveal who exists. The counts are in tables of fixed size, indexed by a hash with
/// a key of this process: nobody can fill the memory, displace a count, or find a name that shares one. Each node counts for itself.</remarks>
public sealed class SignInThrottle(TimeProvider time)
{
    /// <summary>Failures of one user at one address before they have to wait.</summary>
    public const int FreeAtAddress = 5;

    /// <summary>Failures of one user at all addresses where the user has not signed in before.</summary>
    public const int FreeOfUser = 20;

    /// <summary>Failures at one address, of all users.</summary>
    public const int FreeOfAddress = 50;

    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    /// <summary>How long after the last failure the count is reset.</summary>
    private static readonly TimeSpan memory = TimeSpan.FromDays(1);

    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock gate = new();
    private readonly Count[] pairs = new Count[1 << 16];
    private readonly Count[] users = new Count[1 << 13];
    private readonly Count[] addresses = new Count[1 << 13];

    private record struct Count(int Failures, DateTimeOffset LastAt);

    /// <summary>Counts an attempt as failed until <see cref="Succeeded"/> is called, so that concurrent attempts cannot slip through
    /// together.</summary>
    /// <param name="user">The user name as typed.</param>
    /// <param name="isKnownHere">Whether the user has signed in from this address before.</param>
    /// <returns>How long to wait; null: go ahead. And whether this attempt is the one from which on others must wait at addresses where the user is
    /// not known.</returns>
    public (TimeSpan? Wait, bool HasBegunToSlow) Begin(string user, string? address, bool isKnownHere)
    {
        lock (gate)
        {
            ref var pair = ref pairs[Slot($"{Key(user)}\n{Network(address)}", pairs)];
            ref var ofUser = ref users[Slot(Key(user), users)];
            ref var ofAddress = ref addresses[Slot(Network(address), addresses)];
            var wait = Left(pair, FreeAtAddress);
            if (!isKnownHere) wait = Max(wait, Max(Left(ofUser, FreeOfUser), Left(ofAddress, FreeOfAddress)));
            if (wait > TimeSpan.Zero) return (wait, false);
            Fail(ref pair);
            if (isKnownHere) return (null, false);
            Fail(ref ofUser);
            Fail(ref ofAddress);
            return (null, ofUser.Failures == FreeOfUser);
        }
    }

    /// <inheritdoc cref="Begin"/>
    public void Succeeded(string user, string? address, bool isKnownHere)
    {
        lock (gate)
        {
            pairs[Slot($"{Key(user)}\n{Network(address)}", pairs)] = default;
            if (isKnownHere) return;
            TakeBack(ref users[Slot(Key(user), users)]);
            TakeBack(ref addresses[Slot(Network(address), addresses)]);
        }
    }

    private TimeSpan Left(Count count, int free)
    {
        if (count.Failures < free) return TimeSpan.Zero;
        var now = time.GetUtcNow();
        if (Instants.HasPassed(memory, count.LastAt, now)) return TimeSpan.Zero;
        var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(count.Failures - free, 20)));
        return count.LastAt + (wait < LongestWait ? wait : LongestWait) - now;
    }

    private void Fail(ref Count count)
    {
        var now = time.GetUtcNow();
        count = new Count(Instants.HasPassed(memory, count.LastAt, now) ? 1 : count.Failures + 1, now);
    }

    /// <summary>Takes back this attempt only; failures of others stay counted.</summary>
    private static void TakeBack(ref Count count) => count.Failures = Math.Max(0, count.Failures - 1);

    private int Slot(string text, Count[] table) =>
        BitConverter.ToInt32(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 4)) & (table.Length - 1);

    /// <summary>As accounts are found: another spelling of the same name is no further attempt for free.</summary>
    private static string Key(string user) => Names.KeyOf(user);

    /// <summary>The first 64 bits of an IPv6 address: providers give each customer a whole network of that size.</summary>
    private static string Network(string? address) =>
        IPAddress.TryParse(address, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8)) : address ?? "";

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
