using System.Reflection;
using System.Reflection.Emit;
using Notify.Host;

namespace Notify.Architecture.Tests;

/// <summary>
/// A page of the console and an endpoint call the same use case, so only the edge knows of HTTP: a method that maps endpoints (<c>Map…</c>, with the
/// lambdas in it), the <c>InvokeAsync</c> of a middleware, a type named <c>…Endpoint</c> or <c>…Endpoints</c>, what derives from a class of ASP.NET,
/// and the namespace <c>…Http</c>.
/// </summary>
public sealed class HttpEdgeTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> opcodes =
        typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(x => (OpCode)x.GetValue(null)!).ToDictionary(x => x.Value);

    [Fact]
    public void only_the_edge_depends_on_http()
    {
        var (edges, faults) = (0, new List<string>());
        foreach (var type in Modules.All.Append(Solution.Kernel).SelectMany(x => x.GetTypes()).Where(x => !IsEdge(x)))
        {
            foreach (var method in type.GetMembers(Declared).OfType<MethodBase>().Where(KnowsOfHttp))
            {
                if (IsEdge(method)) edges++;
                else faults.Add($"{type.FullName}.{method.Name}");
            }

            faults.AddRange(type.GetFields(Declared).Where(x => !type.Name.StartsWith('<') && IsOfHttp(x.FieldType))
                .Select(x => $"{type.FullName}.{x.Name}"));
        }

        edges.Should().BeGreaterThan(100, "else this looks for something that is no longer compiled so");
        faults.Should().BeEmpty(
            "a page could not call it: take what it needs of the request as plain arguments, and bind them in the Map… method (docs/contributing.md)");
    }

    [Fact]
    public void what_depends_on_http_is_seen()
    {
        var methods = typeof(Samples).GetMethods(Declared).Concat(typeof(Samples).GetNestedTypes(Declared).SelectMany(x => x.GetMethods(Declared)));
        methods.Where(KnowsOfHttp).Select(x => x.Name).Where(x => !x.StartsWith('<') && x != "MoveNext" && x != "SetStateMachine")
            .Should().BeEquivalentTo(nameof(Samples.Takes), nameof(Samples.Calls), nameof(Samples.Keeps));
    }

    private static bool IsEdge(Type type) =>
        type.Namespace?.EndsWith(".Http", StringComparison.Ordinal) == true
        // What the compiler makes of the endpoints.
        || type.Namespace == "Microsoft.AspNetCore.Http.Generated"
        || Outermost(type).BaseType?.Namespace?.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) == true
        || Outermost(type).Name is var name && (
            name.EndsWith("Endpoint", StringComparison.Ordinal) || name.EndsWith("Endpoints", StringComparison.Ordinal));

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>What the compiler makes of a lambda or of an async method bears the name of the method it stands in: <c>&lt;Map&gt;b__3_0</c>,
    /// <c>&lt;&lt;Map&gt;b__3_0&gt;d</c>.</summary>
    private static bool IsEdge(MethodBase method)
    {
        List<string> names = [method.Name];
        for (var type = method.DeclaringType; type?.Name.StartsWith('<') == true; type = type.DeclaringType) names.Add(type.Name);
        return names.Select(x => x.TrimStart('<'))
            .Any(x => x.StartsWith("Map", StringComparison.Ordinal) || x.StartsWith("InvokeAsync", StringComparison.Ordinal));
    }

    private static bool KnowsOfHttp(MethodBase method)
    {
        if (method.GetParameters().Any(x => IsOfHttp(x.ParameterType)) || (method is MethodInfo info && IsOfHttp(info.ReturnType))) return true;
        if (method.GetMethodBody() is not { } body) return false;
        return body.LocalVariables.Any(x => IsOfHttp(x.LocalType)) || Mentioned(method, body).Any(IsOfHttp);
    }

    /// <summary>The members that the instructions name.</summary>
    private static IEnumerable<MemberInfo> Mentioned(MethodBase method, MethodBody body)
    {
        var (code, at) = (body.GetILAsByteArray()!, 0);
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        while (at < code.Length)
        {
            short value = code[at++];
            if (value == 0xfe) value = unchecked((short)(0xfe00 | code[at++]));
            var operand = opcodes[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok
                && method.Module.ResolveMember(BitConverter.ToInt32(code, at), ofType, ofMethod) is { } member)
            {
                yield return member;
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static bool IsOfHttp(MemberInfo member) => member switch
    {
        Type type => IsOfHttp(type),
        MethodBase { IsGenericMethod: true } method => IsOfHttp(method.DeclaringType!) || method.GetGenericArguments().Any(IsOfHttp),
        FieldInfo field => IsOfHttp(field.FieldType) || IsOfHttp(field.DeclaringType!),
        _ => member.DeclaringType is { } owner && IsOfHttp(owner),
    };

    /// <summary>Requests, answers, routes and what hosts them; authentication is another matter.</summary>
    private static bool IsOfHttp(Type type)
    {
        if (type.HasElementType) return IsOfHttp(type.GetElementType()!);
        if (type.IsGenericType && type.GetGenericArguments().Any(IsOfHttp)) return true;
        return type.Namespace is { } name && (
            Is(name, "Microsoft.AspNetCore.Http") || Is(name, "Microsoft.AspNetCore.Routing") || Is(name, "Microsoft.AspNetCore.Builder"));

        static bool Is(string name, string prefix) => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);
    }

    private static class Samples
    {
        public static int Takes(Microsoft.AspNetCore.Http.HttpContext? http) => http is null ? 0 : 1;

        public static object Calls() => Microsoft.AspNetCore.Http.Results.Ok();

        public static string Keeps()
        {
            List<Microsoft.AspNetCore.Http.IResult> results = [];
            return results.ToString()!;
        }

        public static string Plain() => "HttpContext".ToString();
    }
}
