using System.Reflection;

namespace Notify.Architecture.Tests;

/// <summary>Methods that Wolverine would call with a message, by its conventions.</summary>
internal static class Handlers
{
    private static readonly string[] methodNames = ["Handle", "HandleAsync", "Handles", "HandlesAsync", "Consume", "ConsumeAsync", "Consumes",
        "ConsumesAsync"];

    public sealed record Handler(Type Type, MethodInfo Method, Type Message);

    public static IEnumerable<Handler> In(Assembly assembly) =>
        from type in assembly.GetTypes()
        where type.Name.EndsWith("Handler", StringComparison.Ordinal)
        from handler in Of(type)
        select handler;

    public static IEnumerable<Handler> Of(Type type) =>
        from method in type.GetMethods(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where methodNames.Contains(method.Name) && method.GetParameters().Length > 0
        select new Handler(type, method, method.GetParameters()[0].ParameterType);
}
