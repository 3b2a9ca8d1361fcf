namespace Notify.Kernel.Http;

/// <summary>
/// The caller of a page of the console. Its requests do not use the network and have no cookie: the page's connection has authenticated its session
/// once, and each request checks whether the session is still valid, as for a cookie.
/// </summary>
/// <param name="UserId">Null: not signed in.</param>
/// <param name="ActiveAt">The person's last action: a page that is only open does not keep its session alive.</param>
public sealed record PageCaller(string? UserId, string? Session, DateTimeOffset ActiveAt);
