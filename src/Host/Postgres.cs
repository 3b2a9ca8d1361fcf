namespace Notify.Host;

public static class Postgres
{
    public static Task<IAsyncDisposable?> StartPostgresIfNoneGivenAsync(this WebApplicationBuilder builder, string[] args) => Task.FromResult<IAsyncDisposable?>(null);
}
