namespace Notify.Kernel.Http;

/// <summary>
/// Who asks by a page of the console. Its requests do not come over the network and bear no cookie: the page's own connection has proved once which
/// session it is of, and whether that session goes on is looked up at each request, as for a cookie.
/// </summary>
/// <param name="UserId">Null: nobody has signed in.</param>
/// <param name="ActiveAt">When the person did something last: a page that only looks on does not keep its session alive.</param>
public sealed record PageCaller(string? UserId, string? Session, DateTimeOffset ActiveAt);
