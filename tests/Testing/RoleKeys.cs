namespace Notify.Testing;

/// <summary>API keys of roles, made as anybody makes them.</summary>
public static class RoleKeys
{
    /// <summary>A client with a new key that has this role.</summary>
    public static Task<HttpClient> ClientOfRoleAsync(this NotifyHost host, string role) =>
        host.ClientOfKeyAsync(new { name = $"the {role}", roles = new[] { role } });

    /// <summary>A client with a new key.</summary>
    /// <param name="key">As <c>POST /api-keys</c> takes it.</param>
    public static async Task<HttpClient> ClientOfKeyAsync(this NotifyHost host, object key) =>
        host.ClientWith((string)(await host.PostAsync("api-keys", key))["key"]!);
}
